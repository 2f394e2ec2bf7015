import Glibc

/// A file's bytes, mapped into memory for reading.
// Safe to share between threads: the bytes are never written, and are unmapped once, when nobody
// refers to the object any more.
package final class MappedFile: @unchecked Sendable {
    package let bytes: UnsafeRawBufferPointer

    /// Maps a whole file; an empty one has no bytes.
    ///
    /// - Throws: ``ArchiveError`` with `notFound`, `directory`, `notRegular`, `io`.
    package init(mapping path: String) throws(ArchiveError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            throw ArchiveError(
                isDirectory ? .directory : .notRegular, file: path,
                isDirectory ? "this is a directory, not a file" : "this is not a regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw Self.failure(path, errno) }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit {
        if let base = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
        }
    }

    private static func failure(_ path: String, _ number: Int32) -> ArchiveError {
        if number == ENOENT || number == ENOTDIR {
            return ArchiveError(.notFound, file: path, "there is no such file")
        }
        let reason = String(cString: strerror(number))
        return ArchiveError(.io(errno: number), file: path, "cannot read the file: \(reason)")
    }
}
