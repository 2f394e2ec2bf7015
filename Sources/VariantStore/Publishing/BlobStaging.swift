import Dispatch
import Foundation
import Synchronization

/// Blobs on their way into a store: whole and on the disk before the lock is taken, and given their
/// places under it.
final class BlobStaging {
    /// Where a blob's content comes from.
    enum Source {
        case bytes([UInt8])
        /// A file that stays where it is.
        case copy(String)
        /// A file in a ``WorkFolder`` of the store.
        case move(String)
    }

    private struct Blob {
        var digest: BlobDigest
        var byteCount: Int
        var source: Source
        /// nil if the store has it.
        var staged: String?
    }

    private let store: StoreDirectory
    let work: WorkFolder
    private var blobs: [Blob] = []
    private var known: Set<BlobDigest> = []
    private var unsynced: [String] = []

    init(_ store: StoreDirectory) throws(VariantStoreError) {
        self.store = store
        work = try store.makeWorkFolder()
    }

    /// Adds a small blob.
    func add(_ bytes: [UInt8]) throws(VariantStoreError) {
        try add(BlobDigest(of: bytes), byteCount: bytes.count, from: .bytes(bytes))
    }

    /// Adds a blob, which must have that digest.
    ///
    /// - Throws: ``VariantStoreError`` with `wrongDigest`, or for reading and writing.
    func add(
        _ digest: BlobDigest, byteCount: Int, from source: Source
    ) throws(VariantStoreError) {
        guard known.insert(digest).inserted else { return }
        var blob = Blob(digest: digest, byteCount: byteCount, source: source)
        switch source {
        // A publication that failed late has moved the file already.
        case .move(let path): if access(path, F_OK) == 0 || !isInPlace(blob) { try stage(&blob) }
        case .bytes, .copy: if !isInPlace(blob) { try stage(&blob) }
        }
        blobs.append(blob)
    }

    /// Whether the store has the blob, and whole.
    private func isInPlace(_ blob: Blob) -> Bool {
        let path = store.layout.blob(blob.digest)
        guard StoreFiles.isFile(path, byteCount: blob.byteCount) else { return false }
        if store.checked.withLock({ $0.contains(blob.digest) }) { return true }
        guard let digest = try? StoreFiles.openForReading(path).digest(),
            digest.sha256 == blob.digest.hexadecimal
        else { return false }
        if blob.byteCount > 1 << 16 { store.checked.withLock { _ = $0.insert(blob.digest) } }
        return true
    }

    private func stage(_ blob: inout Blob) throws(VariantStoreError) {
        let path = work.newPath()
        switch blob.source {
        case .bytes(let bytes):
            let file = try store.files.create(path)
            try store.files.write(bytes, to: file)
        case .copy(let original):
            let file = try store.files.create(path)
            let source = try Self.open(original)
            try check(try store.files.copy(source, to: file), blob, original)
        case .move(let original):
            try check(try StoreFiles.openForReading(original).digest(), blob, original)
            blob.staged = original
            unsynced.append(original)
            return
        }
        blob.staged = path
        unsynced.append(path)
    }

    /// Brings what was staged to the disk; outside of the lock.
    ///
    /// Several at a time, since a disk takes many files in hardly more time than one.
    func sync() throws(VariantStoreError) {
        let paths = unsynced
        unsynced = []
        let files = store.files
        let width = min(8, paths.count)
        let failure = Mutex<VariantStoreError?>(nil)
        let group = DispatchGroup()
        @Sendable func work(_ first: Int) {
            do throws(VariantStoreError) {
                for index in stride(from: first, to: paths.count, by: width) {
                    try files.sync(try StoreFiles.openForReading(paths[index]))
                }
            } catch { failure.withLock { $0 = error } }
        }
        for first in 0..<width where first > 0 {
            group.enter()
            Thread.detachNewThread {
                work(first)
                group.leave()
            }
        }
        if width > 0 { work(0) }
        group.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// What a caller names may be a link; what is in the store may not.
    private static func open(_ path: String) throws(VariantStoreError) -> OpenFile {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw VariantStoreError(.unreadable(errno: errno), file: path)
        }
        return OpenFile(descriptor: descriptor, path: path)
    }

    private func check(
        _ digest: FileDigest, _ blob: Blob, _ path: String
    ) throws(VariantStoreError) {
        guard digest.sha256 == blob.digest.hexadecimal, digest.byteCount == blob.byteCount else {
            throw VariantStoreError(
                .wrongDigest(expected: blob.digest.hexadecimal, actual: digest.sha256), file: path)
        }
    }

    /// Gives every blob its place; under the lock.
    ///
    /// - Returns: false if a blob that the store had is gone, collected as garbage before the lock was
    ///   taken; ``restage()`` and try again.
    func place() throws(VariantStoreError) -> Bool {
        for blob in blobs where blob.staged == nil {
            let path = store.layout.blob(blob.digest)
            guard StoreFiles.isFile(path, byteCount: blob.byteCount) else { return false }
        }
        var places = false
        for index in blobs.indices {
            guard let staged = blobs[index].staged else { continue }
            // In place of one of the same digest, if there is one: should that be damaged, this heals it.
            try store.files.rename(staged, to: store.layout.blob(blobs[index].digest))
            blobs[index].staged = nil
            places = true
        }
        if places { try store.files.syncFolder(store.layout.blobs) }
        return true
    }

    /// Stages again what is not in place; outside of the lock.
    func restage() throws(VariantStoreError) {
        for index in blobs.indices where blobs[index].staged == nil && !isInPlace(blobs[index]) {
            try stage(&blobs[index])
        }
    }
}
