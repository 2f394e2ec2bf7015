import Foundation

/// Held while a database is opened: one process at a time makes it, changes its tables, or puts it aside.
///
/// A file of its own beside the database: SQLite's locks on the database's file end when any descriptor of it
/// is closed. The kernel lets go of it when the process ends.
struct OpeningLock {
    private let descriptor: Int32

    /// Waits for whoever opens the database now.
    ///
    /// - Throws: ``SQLiteStoreError`` with `cannotOpen` if there can be no such file.
    init(_ path: String) throws(SQLiteStoreError) {
        descriptor = open(path + "-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw SQLiteStoreError(
                .cannotOpen, path: path, detail: String(cString: strerror(errno)))
        }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let reason = String(cString: strerror(errno))
                close(descriptor)
                throw SQLiteStoreError(.cannotOpen, path: path, detail: reason)
            }
        }
    }

    /// Lets others open it.
    func release() { close(descriptor) }
}
