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
        case .move: try stage(&blob)
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
            try store.files.sync(file)
        case .copy(let original):
            let file = try store.files.create(path)
            let source = try Self.open(original)
            try check(try store.files.copy(source, to: file), blob, original)
            try store.files.sync(file)
        case .move(let original):
            // Opened once more than needed for reading: the descriptor is what reaches the disk.
            let file = try StoreFiles.openForReading(original)
            try check(try file.digest(), blob, original)
            try store.files.sync(file)
            blob.staged = original
            return
        }
        blob.staged = path
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
