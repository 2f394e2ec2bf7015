import Glibc

extension PendingFile {
    /// Bytes that are written so far.
    ///
    /// - Throws: ``KerasError`` if the file is gone.
    package func byteCount() throws(KerasError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw ioFailure(errno) }
        return Int(status.st_size)
    }

    /// Writes a small file whole, or not at all.
    ///
    /// - Throws: ``KerasError``.
    package static func write(
        _ text: String, to destination: String, overwrite: Bool
    ) throws(KerasError) {
        let file = try PendingFile(for: destination, overwrite: overwrite)
        defer { file.remove() }
        guard let stream = fopen(file.path, "w") else { throw file.ioFailure(errno) }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, stream)
        let failure = errno
        guard fclose(stream) == 0 else { throw file.ioFailure(errno) }
        guard written == bytes.count else { throw file.ioFailure(failure) }
        try file.commit()
    }
}
