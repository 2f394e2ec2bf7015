import Glibc
import Synchronization

extension PendingFile {
    /// Gives several files their names, in that order, or none of them.
    ///
    /// All reach the disk first. Who looks meanwhile sees the first ones earlier: what explains another
    /// file stands before it. A program that is stopped (``removeAll()``) has all of them or none.
    /// - Throws: ``KerasError`` about the file that cannot get its name; what stood at the places before
    ///   stands there again.
    package static func commit(together files: [PendingFile]) throws(KerasError) {
        for file in files { try file.sync(file.path, flags: O_RDONLY) }
        // Under the lock, so that an interruption waits for the end.
        let outcome: Result<Void, KerasError> = pending.withLock { pending in
            do throws(KerasError) {
                try name(files, pending: &pending)
                return .success(())
            } catch { return .failure(error) }
        }
        try outcome.get()
        for directory in Set(files.map { directory(of: $0.destination) }) {
            try? files.first?.sync(directory, flags: O_RDONLY | O_DIRECTORY)
        }
    }

    private static func name(
        _ files: [PendingFile], pending: inout Set<String>
    ) throws(KerasError) {
        for file in files where !pending.contains(file.path) {
            throw KerasError(
                .io(errno: EINTR), file: file.destination, "writing was interrupted")
        }
        var done: [Replacement] = []
        for file in files {
            do throws(KerasError) {
                // A single file is replaced by the system in one step and needs no way back.
                done.append(try Replacement(file, keepsOld: files.count > 1))
                pending.remove(file.path)
            } catch {
                for replacement in done.reversed() { replacement.undo() }
                throw error
            }
        }
        for replacement in done { replacement.forgetOld() }
    }

    private static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }
}

/// A file that got its name, and the way back.
private struct Replacement {
    private let destination: String
    /// Another name of what stood there before.
    private let old: String?

    init(_ file: PendingFile, keepsOld: Bool) throws(KerasError) {
        destination = file.destination
        var kept: String?
        if file.overwrites, keepsOld {
            let name = PendingFile.nameBeside(destination)
            // Some file systems have no links; there the old file is gone once it is replaced.
            if link(destination, name) == 0 { kept = name }
        }
        old = kept
        // Unlike a rename, a link never replaces what came to be there meanwhile.
        let status =
            file.overwrites ? rename(file.path, destination) : link(file.path, destination)
        let number = errno
        guard status == 0 else {
            if let kept { unlink(kept) }
            throw Self.refusal(number, destination)
        }
        if !file.overwrites { unlink(file.path) }
    }

    func undo() {
        if let old {
            rename(old, destination)
        } else {
            unlink(destination)
        }
    }

    func forgetOld() {
        if let old { unlink(old) }
    }

    private static func refusal(_ number: Int32, _ destination: String) -> KerasError {
        KerasError(
            number == EEXIST ? .exists : .cannotCreate, file: destination,
            "cannot give the file its name: \(String(cString: strerror(number)))")
    }
}
