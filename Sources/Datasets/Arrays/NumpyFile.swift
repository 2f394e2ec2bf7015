import Archive

/// Arrays in numpy's files: one in a `.npy`, several in a `.npz`.
enum NumpyFile {
    /// The array of a `.npy` file that lies in memory.
    ///
    /// - Throws: ``DatasetError`` with `damaged`, `unsupported`.
    static func array(
        _ bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, file: String,
        place: String = ""
    ) throws(DatasetError) -> MemoryArray {
        let header: NumpyHeader
        do throws(NumpyHeader.Problem) {
            header = try NumpyHeader(bytes)
        } catch { throw DatasetError(error.code, file: file, place: place, error.reason) }
        return try MemoryArray(
            shape: header.shape, format: header.format, isColumnMajor: header.isColumnMajor,
            bytes: UnsafeRawBufferPointer(rebasing: bytes[header.dataStart...]), owner: owner,
            file: file, place: place)
    }
}

/// The arrays of a `.npz` archive by name.
///
/// Stored members are used where they lie, packed ones are unpacked when they are asked for.
struct NumpyArchive: NamedArrays {
    let file: String
    private let mapping: MappedFile
    private let archive: ArchiveReader

    /// Reads the archive's directory.
    ///
    /// - Throws: ``DatasetError`` for what ``ArchiveReader`` refuses.
    init(_ mapping: MappedFile, file: String) throws(DatasetError) {
        self.file = file
        self.mapping = mapping
        do throws(ArchiveError) {
            archive = try ArchiveReader(mapping.bytes, file: file)
        } catch { throw DatasetError(error) }
    }

    var names: [String] {
        archive.entries.map(\.name).filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }
    }

    func array(_ name: String) throws(DatasetError) -> (any SampleArray)? {
        defer { withExtendedLifetime(mapping) {} }
        guard let entry = archive.entry(name + ".npy") else { return nil }
        let content: (bytes: UnsafeRawBufferPointer, owner: UnpackedBytes?)
        do throws(ArchiveError) {
            content = try archive.content(of: entry)
        } catch { throw DatasetError(error) }
        let owner: any AnyObject & Sendable = content.owner ?? mapping as any AnyObject & Sendable
        return try NumpyFile.array(content.bytes, owner: owner, file: file, place: name)
    }
}

/// A file with several arrays, each with a name.
protocol NamedArrays {
    var file: String { get }
    /// The names of all arrays, in the file's order.
    var names: [String] { get throws(DatasetError) }

    /// The array of that name; nil if there is none.
    func array(_ name: String) throws(DatasetError) -> (any SampleArray)?
}
