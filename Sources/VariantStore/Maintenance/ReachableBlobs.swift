import Foundation

/// The blobs that artifacts need, with all that those need in turn.
struct ReachableBlobs {
    /// Sizes as the descriptors give them.
    private(set) var byteCounts: [BlobDigest: Int] = [:]
    private let store: StoreDirectory

    init(in store: StoreDirectory) { self.store = store }

    func contains(_ digest: BlobDigest) -> Bool { byteCounts[digest] != nil }

    /// Adds an artifact and everything that it names.
    ///
    /// - Throws: ``VariantStoreError`` if its manifest, or one that it names, is missing or damaged: what it
    ///   needs is not known then. A subject that is not there is *not* an error; OCI allows that.
    mutating func add(_ descriptor: BlobDescriptor) throws(VariantStoreError) {
        var waiting = [descriptor]
        while let descriptor = waiting.popLast() {
            guard byteCounts[descriptor.digest] == nil else { continue }
            byteCounts[descriptor.digest] = descriptor.byteCount
            switch descriptor.mediaType {
            case OCI.imageManifest:
                let manifest = try store.artifact(descriptor.digest)
                waiting += [manifest.config] + manifest.layers
                if let subject = manifest.subject, try isThere(subject.digest) {
                    waiting.append(subject)
                }
            case OCI.imageIndex: waiting += try manifests(ofIndex: descriptor.digest)
            default: break
            }
        }
    }

    /// Adds a blob of which nothing is known but the digest, and what it names if it is a manifest.
    mutating func add(_ digest: BlobDigest) throws(VariantStoreError) {
        guard try isThere(digest) else { return }
        let file = try store.open(digest)
        let size = Int(try file.status().st_size)
        let isManifest =
            size <= ArtifactManifest.largestByteCount && (try? store.artifact(digest)) != nil
        try add(
            BlobDescriptor(
                mediaType: isManifest ? OCI.imageManifest : "", digest: digest, byteCount: size))
    }

    /// What cannot be opened for another reason is not taken for absent.
    private func isThere(_ digest: BlobDigest) throws(VariantStoreError) -> Bool {
        do { _ = try store.open(digest) } catch {
            if case .missingBlob = error.code { return false }
            throw error
        }
        return true
    }

    private func manifests(
        ofIndex digest: BlobDigest
    ) throws(VariantStoreError) -> [BlobDescriptor] {
        let bytes = try store.content(of: digest, limit: ArtifactManifest.largestByteCount)
        let index = try StoreIndex(parsing: bytes, file: store.layout.blob(digest))
        return index.entries.compactMap(\.descriptor)
    }
}
