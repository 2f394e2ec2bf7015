extension StoreDirectory {
    /// Makes a tag name a version; one that names another moves in one step.
    ///
    /// - Throws: ``VariantStoreError`` with `badName` for what cannot be a tag, `noSuchVersion` for a version that
    ///   is not there (any more).
    package func tag(
        _ version: VariantVersion, as tag: String
    ) throws(VariantStoreError) {
        try Self.checkTag(tag, of: version.name)
        try change(BlobStaging(self)) { index throws(VariantStoreError) in
            try Self.checkPresent(version, in: index)
            index.tag(version, as: tag)
        }
    }

    static func checkPresent(
        _ version: VariantVersion, in index: StoreIndex
    ) throws(VariantStoreError) {
        guard index.entry(named: version.text)?.digest == version.digest else {
            throw VariantStoreError(
                .noSuchVersion(present: index.versions(of: version.name).map(\.number).sorted()),
                file: version.text)
        }
    }

    /// Takes a tag away; the version stays.
    ///
    /// - Throws: ``VariantStoreError`` with `noSuchTag`; with `badName` for `latest`, which is always there.
    package func untag(_ name: VariantName, tag: String) throws(VariantStoreError) {
        guard tag != VariantReference.latest, VariantReference.isTag(tag) else {
            throw VariantStoreError(.badName, file: "\(name.text):\(tag)")
        }
        try change(BlobStaging(self)) { index throws(VariantStoreError) in
            let text = VariantReference.tag(name, tag).text
            guard index.entry(named: text) != nil else {
                throw VariantStoreError(
                    .noSuchTag(present: index.tags(of: name).keys.sorted()), file: text)
            }
            index.entries.removeAll { $0.referenceName == text }
        }
    }

    /// Takes versions out of the index; their blobs go with the next garbage collection.
    ///
    /// `latest` moves to the highest version left; other tags that name a version keep it, unless forced,
    /// and then go too. A number is never used again.
    /// - Returns: what was removed, or would be.
    /// - Throws: ``VariantStoreError`` with `noSuchVersion`, or `tagInUse`.
    @discardableResult
    package func remove(
        _ versions: [VariantVersion], force: Bool = false, dryRun: Bool = false
    ) throws(VariantStoreError) -> [VariantVersion] {
        func check(_ index: StoreIndex) throws(VariantStoreError) {
            for version in versions {
                try Self.checkPresent(version, in: index)
                let tags = index.tags(of: version.name).filter {
                    $0.value == version.digest && $0.key != VariantReference.latest
                }
                if !force, !tags.isEmpty {
                    throw VariantStoreError(
                        .tagInUse(tags: tags.keys.sorted()), file: version.text)
                }
            }
        }
        if dryRun {
            try check(try cachedIndex().index)
            return versions
        }
        try change(BlobStaging(self)) { index throws(VariantStoreError) in
            try check(index)
            index.remove(Set(versions))
        }
        return versions
    }

    /// Adds an artifact that speaks of another one; one that is there already is no error.
    ///
    /// - Returns: the digest of the added artifact's manifest.
    /// - Throws: ``VariantStoreError`` with `noSuchDigest` if no artifact of that digest is in the store.
    @discardableResult
    package func attach(
        _ artifact: ReferringArtifact, to digest: BlobDigest
    ) throws(VariantStoreError) -> BlobDigest {
        guard let entry = try cachedIndex().index.entries.first(where: { $0.digest == digest }),
            let subject = entry.descriptor
        else { throw VariantStoreError(.noSuchDigest, file: digest.text) }
        let staging = try BlobStaging(self)
        let referrer = try Self.stage(artifact, about: subject, into: staging)
        return try change(staging) { index throws(VariantStoreError) in
            guard index.entries.contains(where: { $0.digest == digest }) else {
                throw VariantStoreError(.noSuchDigest, file: digest.text)
            }
            index.putReferrer(referrer, of: digest)
            return referrer.digest
        }
    }
}
