import Foundation

/// The calls to the operating system by which a store is written, in one place so that each can be made
/// to fail.
package struct StoreFiles: Sendable {
    /// What is asked of the operating system.
    package enum Call: String, Hashable, Sendable, CaseIterable {
        case open, write, sync, rename, remove, makeFolder, lock
    }

    /// Asked before every call with the path that it is about: an `errno` to fail with, or nil.
    package typealias Fault = @Sendable (Call, String) -> Int32?

    private let fault: Fault?

    /// The operating system as it is.
    package static let system = StoreFiles()

    package init(fault: Fault? = nil) { self.fault = fault }

    private func check(_ call: Call, _ path: String) throws(VariantStoreError) {
        if let number = fault?(call, path) { throw VariantStoreError(writing: number, file: path) }
    }

    /// Makes a file that was not there, for writing.
    ///
    /// - Throws: ``VariantStoreError``.
    func create(_ path: String) throws(VariantStoreError) -> OpenFile {
        try open(path, flags: O_RDWR | O_CREAT | O_EXCL)
    }

    /// Opens a file for reading and writing, and makes it if it is not there.
    func openOrCreate(_ path: String) throws(VariantStoreError) -> OpenFile {
        try open(path, flags: O_RDWR | O_CREAT)
    }

    private func open(_ path: String, flags: Int32) throws(VariantStoreError) -> OpenFile {
        try check(.open, path)
        while true {
            let descriptor = Foundation.open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o666)
            if descriptor >= 0 { return OpenFile(descriptor: descriptor, path: path) }
            guard errno == EINTR else { throw VariantStoreError(writing: errno, file: path) }
        }
    }

    /// Appends all bytes.
    func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(VariantStoreError) {
        var rest = bytes
        while !rest.isEmpty {
            try check(.write, file.path)
            let count = Foundation.write(file.descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw VariantStoreError(writing: errno, file: file.path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Brings a file's content to the disk.
    func sync(_ file: OpenFile) throws(VariantStoreError) {
        try check(.sync, file.path)
        guard fsync(file.descriptor) == 0 else {
            throw VariantStoreError(writing: errno, file: file.path)
        }
    }

    /// Brings the names in a folder to the disk.
    func syncFolder(_ path: String) throws(VariantStoreError) {
        try check(.sync, path)
        let descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw VariantStoreError(writing: errno, file: path) }
        defer { close(descriptor) }
        // Some file systems keep names on the disk anyway and have no such call for folders.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw VariantStoreError(writing: errno, file: path)
        }
    }

    /// Gives a file another name, in place of what has it.
    func rename(_ path: String, to other: String) throws(VariantStoreError) {
        try check(.rename, other)
        guard Foundation.rename(path, other) == 0 else {
            let number = errno
            if [EXDEV, ENOSYS, EOPNOTSUPP].contains(number) {
                throw VariantStoreError(.noRename(errno: number), file: other)
            }
            throw VariantStoreError(writing: number, file: other)
        }
    }

    /// Removes a file; one that is not there is no error.
    func remove(_ path: String) throws(VariantStoreError) {
        try check(.remove, path)
        guard unlink(path) == 0 || errno == ENOENT else {
            throw VariantStoreError(writing: errno, file: path)
        }
    }

    /// Makes a folder; one that is there is no error, anything else there is.
    func makeFolder(_ path: String) throws(VariantStoreError) {
        try check(.makeFolder, path)
        if mkdir(path, 0o777) == 0 { return }
        let number = errno
        var status = stat()
        if number == EEXIST, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            return
        }
        throw VariantStoreError(writing: number, file: path)
    }

    /// Removes a folder and the files and folders in it, without following links.
    func removeFolder(_ path: String) throws(VariantStoreError) {
        for name in try Self.names(in: path) {
            let child = path + "/" + name
            var status = stat()
            guard lstat(child, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                try removeFolder(child)
            } else {
                try remove(child)
            }
        }
        try check(.remove, path)
        guard rmdir(path) == 0 || errno == ENOENT else {
            throw VariantStoreError(writing: errno, file: path)
        }
    }

    /// Locks a file for this open file alone, or for all that read.
    ///
    /// - Parameter waits: whether to wait for whoever holds it.
    /// - Returns: false if somebody else holds it and this did not wait.
    /// - Throws: ``VariantStoreError`` with `noLocks` where the file system has none.
    func lock(_ file: OpenFile, waits: Bool) throws(VariantStoreError) -> Bool {
        try check(.lock, file.path)
        while flock(file.descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK where !waits: return false
            case ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL:
                throw VariantStoreError(.noLocks(errno: errno), file: file.path)
            default: throw VariantStoreError(writing: errno, file: file.path)
            }
        }
        return true
    }
}

extension StoreFiles {
    /// Opens a regular file for reading; links, pipes and devices are refused.
    ///
    /// - Throws: ``VariantStoreError`` with `unreadable`.
    static func openForReading(_ path: String) throws(VariantStoreError) -> OpenFile {
        // Without waiting, so that a pipe in a file's place holds nobody up.
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw VariantStoreError(.unreadable(errno: errno), file: path)
        }
        let file = OpenFile(descriptor: descriptor, path: path)
        guard try file.status().st_mode & S_IFMT == S_IFREG else {
            throw VariantStoreError(.notAFile, file: path)
        }
        return file
    }

    /// The names in a folder, sorted; none if it is not there.
    ///
    /// - Throws: ``VariantStoreError`` with `unreadable`: what cannot be listed is not taken for empty.
    static func names(in path: String) throws(VariantStoreError) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw VariantStoreError(.unreadable(errno: errno), file: path)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw VariantStoreError(.unreadable(errno: errno), file: path) }
        return names.sorted()
    }

    /// Whether a regular file of that size is there; a link to one is none.
    static func isFile(_ path: String, byteCount: Int) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && Int(status.st_size) == byteCount
    }
}

extension StoreFiles {
    /// Appends bytes in memory.
    func write(_ bytes: [UInt8], to file: OpenFile) throws(VariantStoreError) {
        var outcome = Result<Void, VariantStoreError>.success(())
        bytes.withUnsafeBytes { buffer in
            do throws(VariantStoreError) { try write(buffer, to: file) } catch {
                outcome = .failure(error)
            }
        }
        try outcome.get()
    }
}
