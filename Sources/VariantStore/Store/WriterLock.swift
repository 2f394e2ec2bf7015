import Foundation

/// The right to change a store, which one writer has at a time.
final class WriterLock {
    private var file: OpenFile?

    init(_ file: OpenFile) { self.file = file }

    /// Gives the right back; it goes too when nobody holds this.
    func release() { file = nil }
}

extension StoreDirectory {
    /// Waits for the right to change the store.
    ///
    /// The lock is the operating system's: a writer that dies gives it back.
    /// - Throws: ``VariantStoreError`` with `readOnly`, or `noLocks` where the file system has none.
    func lockForWriting() throws(VariantStoreError) -> WriterLock {
        try makeState()
        while true {
            let file = try files.openOrCreate(layout.lock)
            _ = try files.lock(file, waits: true)
            // Whoever removes the file takes the lock out of the others' sight.
            guard try file.status().st_nlink > 0 else { continue }
            let lock = WriterLock(file)
            try makeMarker()
            return lock
        }
    }
}
