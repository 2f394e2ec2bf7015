package import Archive
package import HDF5

extension DatasetError {
    /// The same failure as the archive's own error tells it.
    package init(_ error: ArchiveError) {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .directory, .notRegular, .unsupported: .unsupported
            case .damaged: .damaged
            case .refused: .refused
            case .tooLarge: .tooLarge
            case .io(let number): .io(errno: number)
            }
        self.init(code, file: error.file, place: error.path, error.reason)
    }

    /// The same failure as HDF5's own error tells it.
    package init(_ error: HDF5Error) {
        let code: Code =
            switch error.code {
            // A missing file has no path inside it; a missing object has.
            case .notFound: error.path.isEmpty ? .notFound : .damaged
            case .notHDF5, .unsupportedType, .unsupportedFilter: .unsupported
            case .refusedLink, .refusedStorage, .cycle, .tooDeep: .refused
            case .tooLarge: .tooLarge
            case .io(let number): .io(errno: number)
            case .busy: .io(errno: 11)
            case .truncated, .damaged, .wrongKind, .wrongShape, .invalidText, .attributeTooLarge,
                .closed, .library, .exists:
                .damaged
            }
        self.init(code, file: error.file, place: error.path, error.detail)
    }

    /// Runs `body` and turns what it throws into a ``DatasetError`` about that file.
    static func wrapping<Result>(
        _ file: String, _ body: () throws -> Result
    ) throws(DatasetError) -> Result {
        do {
            return try body()
        } catch let error as DatasetError {
            throw error
        } catch let error as ArchiveError {
            throw DatasetError(error)
        } catch let error as HDF5Error {
            throw DatasetError(error)
        } catch {
            throw DatasetError(.damaged, file: file, "\(error)")
        }
    }
}

extension MappedFile {
    /// Maps a whole file; an empty one has no bytes.
    ///
    /// - Throws: ``DatasetError`` with `notFound`, `unsupported` for what is not a regular file, `io`.
    convenience init(data path: String) throws(DatasetError) {
        do throws(ArchiveError) {
            try self.init(mapping: path)
        } catch { throw DatasetError(error) }
    }
}
