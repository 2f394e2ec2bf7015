import Foundation
import Synchronization

/// A folder in the store's file system for what is not published yet.
///
/// It goes when nobody holds it. What a writer that died leaves behind is known by its lock, which
/// nobody holds any more, and is cleared by the garbage collection.
package final class WorkFolder: Sendable {
    /// Nobody else writes there.
    package let path: String
    private let lock: OpenFile
    private let files: StoreFiles
    private let count = Mutex(0)

    init(path: String, lock: OpenFile, files: StoreFiles) {
        self.path = path
        self.lock = lock
        self.files = files
    }

    deinit {
        try? files.removeFolder(path)
        try? files.remove(lock.path)
    }

    /// A path in the folder that was not given before.
    func newPath() -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        return "\(path)/\(number).part"
    }
}

extension StoreDirectory {
    /// Makes a folder of its own for a caller's unfinished files; what is published from it is moved.
    ///
    /// - Throws: ``VariantStoreError``.
    package func makeWorkFolder() throws(VariantStoreError) -> WorkFolder {
        try makeState()
        while true {
            let name = uniqueName()
            let lockPath = "\(layout.staging)/\(name).lock"
            let lock = try files.create(lockPath)
            guard try files.lock(lock, waits: false), try lock.status().st_nlink > 0 else {
                // A garbage collection took the file for a dead writer's before it was locked.
                continue
            }
            let path = "\(layout.staging)/\(name)"
            do throws(VariantStoreError) { try files.makeFolder(path) } catch {
                try? files.remove(lockPath)
                throw error
            }
            return WorkFolder(path: path, lock: lock, files: files)
        }
    }

    /// A name that nobody else comes upon.
    func uniqueName() -> String {
        "\(getpid())-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
    }

    /// A folder for what can be computed again, such as analyses; anybody may empty it at any time.
    ///
    /// - Throws: ``VariantStoreError`` with `badName` unless the name is a part of a name.
    package func cacheFolder(_ name: String) throws(VariantStoreError) -> String {
        guard VariantName.isPart(name) else { throw VariantStoreError(.badName, file: name) }
        try makeState()
        let path = "\(layout.cache)/\(name)"
        try files.makeFolder(path)
        return path
    }
}
