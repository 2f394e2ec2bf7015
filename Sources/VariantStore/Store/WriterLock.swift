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
        let file = try files.openOrCreate(layout.lock)
        _ = try files.lock(file, waits: true)
        let lock = WriterLock(file)
        try makeMarker()
        return lock
    }
}
