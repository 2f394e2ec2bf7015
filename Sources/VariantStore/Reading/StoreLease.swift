import Foundation
import Synchronization

/// Keeps artifacts in a store for as long as somebody reads them.
///
/// The lease is a file that its owner holds locked: it goes with the process that has it. On a store that
/// may only be read the artifacts' files are held open instead.
package final class StoreLease: Sendable {
    package let digests: [BlobDigest]
    private let held: Mutex<[OpenFile]>
    private let path: String?
    private let files: StoreFiles

    init(digests: [BlobDigest], held: [OpenFile], path: String?, files: StoreFiles) {
        self.digests = digests
        self.held = Mutex(held)
        self.path = path
        self.files = files
    }

    /// Takes over what another lease holds open.
    fileprivate func add(_ other: StoreLease) {
        let files = other.held.withLock { $0 }
        held.withLock { $0 += files }
    }

    /// Lets the artifacts go; letting go of this does so too.
    package func release() {
        let files = held.withLock { held in
            let files = held
            held = []
            return files
        }
        if !files.isEmpty, let path { try? self.files.remove(path) }
    }

    deinit { release() }
}

extension StoreDirectory {
    /// Keeps artifacts, with all that belongs to them, from being collected as garbage.
    ///
    /// - Parameter digests: of manifests, or of single blobs.
    /// - Throws: ``VariantStoreError`` with `missingBlob` if one is gone already.
    package func lease(_ digests: [BlobDigest]) throws(VariantStoreError) -> StoreLease {
        let lease: StoreLease
        // Who may not write, or has no room to, can still read.
        do throws(VariantStoreError) { lease = try writeLease(digests) } catch {
            return try leaseByOpenFiles(digests)
        }
        let areInPlace = digests.allSatisfy { access(layout.blob($0), F_OK) == 0 }
        if areInPlace { return lease }
        // A collection that saw no lease may be taking them away just now: what is open stays.
        lease.add(try leaseByOpenFiles(digests))
        return lease
    }

    private func writeLease(_ digests: [BlobDigest]) throws(VariantStoreError) -> StoreLease {
        try makeState()
        let text = digests.map { $0.text + "\n" }.joined()
        while true {
            let path = "\(layout.leases)/\(uniqueName())"
            let file = try files.create(path)
            guard try files.lock(file, waits: false), try file.status().st_nlink > 0 else {
                continue
            }
            let lease = StoreLease(digests: digests, held: [file], path: path, files: files)
            try files.write(Array(text.utf8), to: file)
            return lease
        }
    }

    private func leaseByOpenFiles(
        _ digests: [BlobDigest]
    ) throws(VariantStoreError) -> StoreLease {
        var held: [OpenFile] = []
        for digest in digests {
            held.append(try open(digest))
            guard let manifest = try? artifact(digest) else { continue }
            for part in manifest.config.digest == digest ? [] : manifest.parts {
                held.append(try open(part.digest))
            }
        }
        return StoreLease(digests: digests, held: held, path: nil, files: files)
    }

    /// What living readers hold.
    ///
    /// - Throws: ``VariantStoreError``.
    package func leasedDigests() throws(VariantStoreError) -> Set<BlobDigest> {
        try leased(dryRun: true).digests
    }

    /// What living readers hold; stale leases are removed.
    ///
    /// - Parameter dryRun: whether stale ones stay.
    func leased(dryRun: Bool) throws(VariantStoreError) -> (digests: Set<BlobDigest>, stale: Int) {
        var digests: Set<BlobDigest> = []
        var stale = 0
        for name in try StoreFiles.names(in: layout.leases) {
            let path = "\(layout.leases)/\(name)"
            let file: OpenFile
            do { file = try StoreFiles.openForReading(path) } catch {
                if error.code == .unreadable(errno: ENOENT) { continue }
                throw error
            }
            if try files.lock(file, waits: false) {
                // Not yet locked by its owner counts as stale too: the owner notices and makes another.
                stale += 1
                if !dryRun { try files.remove(path) }
                continue
            }
            let text = String(decoding: try file.content(limit: 1 << 24), as: UTF8.self)
            digests.formUnion(text.split(separator: "\n").compactMap { BlobDigest($0) })
        }
        return (digests, stale)
    }
}
