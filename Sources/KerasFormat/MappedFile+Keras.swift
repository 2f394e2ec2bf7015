import Archive

extension MappedFile {
    /// Maps a whole file; an empty one has no bytes.
    ///
    /// - Throws: ``KerasError`` with `notFound`, `notAModel` for what is not a regular file, `io`.
    convenience init(_ path: String) throws(KerasError) {
        do throws(ArchiveError) {
            try self.init(mapping: path)
        } catch { throw KerasError(error) }
    }
}
