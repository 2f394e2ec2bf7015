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
    /// - Parameter mode: who may do what, before the process's mask takes away from it.
    /// - Throws: ``KerasError``; nothing of the file remains.
    package static func stage(
        _ content: some Sequence<UInt8>, for destination: String, overwrite: Bool,
        mode: UInt32 = 0o666
    ) throws(KerasError) -> PendingFile {
        let file = try PendingFile(for: destination, overwrite: overwrite)
        let descriptor = try file.create(mode: mode)
        guard let stream = fdopen(descriptor, "w") else {
            let failure = file.ioFailure(errno)
            close(descriptor)
            throw failure
        }
        let bytes = Array(content)
        let written = fwrite(bytes, 1, bytes.count, stream)
        let failure = errno
        guard fclose(stream) == 0 else { throw file.ioFailure(errno) }
        guard written == bytes.count else { throw file.ioFailure(failure) }
        return file
    }

    /// Writes a file piece by piece, but leaves it to the caller to give it its name.
    ///
    /// - Parameter read: fills a buffer with what stands at an offset, and says how many bytes that were;
    ///   0 ends the file.
    /// - Throws: ``KerasError``, and what `read` throws; nothing of the file remains.
    package static func stage(
        for destination: String, overwrite: Bool,
        read: (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> PendingFile {
        let file = try PendingFile(for: destination, overwrite: overwrite)
        let descriptor = try file.create(mode: 0o666)
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = try read(offset, buffer)
            if count <= 0 { return file }
            var written = 0
            while written < count {
                let piece = UnsafeRawBufferPointer(rebasing: buffer[written..<count])
                let result = write(descriptor, piece.baseAddress, piece.count)
                if result < 0, errno == EINTR { continue }
                guard result > 0 else { throw file.ioFailure(errno) }
                written += result
            }
            offset += count
        }
    }

    /// Makes the file anew, whatever a process that was killed may have left under its name.
    private func create(mode: UInt32) throws(KerasError) -> Int32 {
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw ioFailure(errno) }
        return descriptor
    }
}
