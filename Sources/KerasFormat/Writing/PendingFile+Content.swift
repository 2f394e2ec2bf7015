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

    /// Writes a small file whole, but leaves it to the caller to give it its name.
    ///
    /// - Throws: ``KerasError``; nothing of the file remains.
    package static func stage(
        _ content: some Sequence<UInt8>, for destination: String, overwrite: Bool
    ) throws(KerasError) -> PendingFile {
        let file = try PendingFile(for: destination, overwrite: overwrite)
        guard let stream = fopen(file.path, "w") else { throw file.ioFailure(errno) }
        let bytes = Array(content)
        let written = fwrite(bytes, 1, bytes.count, stream)
        let failure = errno
        guard fclose(stream) == 0 else { throw file.ioFailure(errno) }
        guard written == bytes.count else { throw file.ioFailure(failure) }
        return file
    }
}
