import Glibc
import Synchronization

/// A file that is being written beside the place where it is to stand, and gets its name when it is whole.
package final class PendingFile: Sendable {
    /// Where the file is to stand.
    package let destination: String
    /// Where it stands while it is written: in the same directory.
    package let path: String
    let overwrites: Bool

    static let pending = Mutex<Set<String>>([])
    /// What ``removeAll()`` removed, and some thread may make anew before the process ends.
    private static let doomed = Mutex<Set<String>>([])
    static let count = Atomic<Int>(0)

    /// How the names of unfinished files end.
    static let suffix = ".partial"

    /// Chooses a name in the destination's directory; the file is not yet made.
    ///
    /// - Throws: ``KerasError`` with `exists` if the destination is there and may not be replaced.
    package init(for destination: String, overwrite: Bool) throws(KerasError) {
        var status = stat()
        if lstat(destination, &status) == 0 {
            guard overwrite else {
                throw KerasError(
                    .exists, file: destination, "the file is already there; it is not replaced")
            }
            guard status.st_mode & S_IFMT != S_IFDIR else {
                throw KerasError(.cannotCreate, file: destination, "this is a directory")
            }
        }
        self.destination = destination
        overwrites = overwrite
        let slash = destination.lastIndex(of: "/").map { destination.index(after: $0) }
        let start = slash ?? destination.startIndex
        path = Self.nameBeside(destination)
        let directory = start == destination.startIndex ? "." : String(destination[..<start])
        guard access(directory, W_OK | X_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            throw KerasError(
                .cannotCreate, file: destination, "cannot write in '\(directory)': \(reason)")
        }
        let path = path
        Self.pending.withLock { _ = $0.insert(path) }
    }

    /// A name in the same directory that nobody else uses.
    static func nameBeside(_ destination: String) -> String {
        let slash = destination.lastIndex(of: "/").map { destination.index(after: $0) }
        let start = slash ?? destination.startIndex
        let number = count.add(1, ordering: .relaxed).newValue
        return
            "\(destination[..<start]).\(destination[start...]).\(getpid()).\(number)\(suffix)"
    }

    deinit { remove() }

    /// Removes what was written; nothing happens once the file has its name.
    package func remove() {
        guard Self.pending.withLock({ $0.remove(path) }) != nil else { return }
        unlink(path)
    }

    /// Removes all unfinished files of this process: for a program that is interrupted.
    ///
    /// May be called again, for files that other threads were about to make.
    package static func removeAll() {
        let paths = pending.withLock { pending in
            defer { pending.removeAll() }
            return pending
        }
        let all = doomed.withLock { doomed in
            doomed.formUnion(paths)
            return doomed
        }
        for path in all { unlink(path) }
    }

    /// Waits until the file is on the disk, and gives it its name in one step.
    ///
    /// - Throws: ``KerasError``; what stood there before still stands.
    package func commit() throws(KerasError) { try PendingFile.commit(together: [self]) }

    func sync(_ path: String, flags: Int32) throws(KerasError) {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw ioFailure(errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw ioFailure(errno) }
    }

    /// What the system's refusal is about.
    func ioFailure(_ number: Int32) -> KerasError {
        KerasError(
            .io(errno: number), file: destination,
            "cannot write the file: \(String(cString: strerror(number)))")
    }
}
