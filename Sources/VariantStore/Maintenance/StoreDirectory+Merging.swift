import Foundation

extension StoreDirectory {
    /// Takes over another store's variants, with their bases, measurements and signatures.
    ///
    /// Merging again changes nothing, and stores may be merged in any order. A version keeps its number if
    /// that is higher than all that this line ever had, and gets the next one otherwise; what the line has
    /// already is not taken twice. `latest` moves to the highest version of a line that grew. What other
    /// tools put into the source is left there.
    /// - Parameter overwritesTags: whether a tag that names something else here moves.
    /// - Throws: ``VariantStoreError``; damage in the source stops the merge before anything is changed.
    package func merge(
        from source: StoreDirectory, overwritesTags: Bool = false
    ) throws(VariantStoreError) -> MergeReport {
        guard try !isSame(as: source) else { return MergeReport() }
        let theirs = try source.cachedIndex().index
        let wanted = try Self.wanted(theirs, by: cachedIndex().index)
        let lease = try source.lease(wanted.compactMap(\.digest))
        defer { lease.release() }
        let staging = try BlobStaging(self)
        try stage(wanted, from: source, into: staging)
        return try change(staging) { index throws(VariantStoreError) in
            var merger = IndexMerger(from: theirs, into: index, overwritesTags: overwritesTags)
            merger.run()
            index = merger.index
            return merger.report
        }
    }

    private func isSame(as other: StoreDirectory) throws(VariantStoreError) -> Bool {
        var one = stat()
        var two = stat()
        guard stat(layout.root, &one) == 0, stat(other.layout.root, &two) == 0 else { return false }
        return one.st_dev == two.st_dev && one.st_ino == two.st_ino
    }

    /// The entries of a source whose artifacts a target may lack.
    private static func wanted(_ source: StoreIndex, by target: StoreIndex) -> [IndexEntry] {
        let present = Set(target.entries.compactMap(\.digest))
        return source.entries.filter { entry in
            guard let digest = entry.digest, !present.contains(digest) else { return false }
            switch entry.reference {
            case .version, .base: return true
            case .tag, .digest: return false
            case nil: return entry.referenceName == nil && entry.subject != nil
            }
        }
    }

    private func stage(
        _ entries: [IndexEntry], from source: StoreDirectory, into staging: BlobStaging
    ) throws(VariantStoreError) {
        var blobs = ReachableBlobs(in: source)
        for entry in entries {
            if let descriptor = entry.descriptor { try blobs.add(descriptor) }
        }
        for (digest, byteCount) in blobs.byteCounts.sorted(by: { $0.key < $1.key }) {
            let path = source.layout.blob(digest)
            do { try staging.add(digest, byteCount: byteCount, from: .copy(path)) } catch {
                switch error.code {
                case .wrongDigest(let expected, let actual) where error.file == path:
                    throw VariantStoreError(
                        .damagedBlob(expected: "sha256:" + expected, actual: "sha256:" + actual),
                        file: path)
                case .unreadable(errno: ENOENT) where error.file == path:
                    throw VariantStoreError(.missingBlob(digest: digest.text), file: path)
                default: throw error
                }
            }
        }
    }
}
