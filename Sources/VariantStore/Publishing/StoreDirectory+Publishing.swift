extension StoreDirectory {
    /// Publishes a variant: as the next version of its line, unless the line has the same artifact.
    ///
    /// `latest` and the tags move to it in either case, signatures that are new are added, and a measurement
    /// if none of the same machine is there. A crash at any point leaves the store as it was or as it should become.
    /// - Throws: ``VariantStoreError``: `wrongDigest` if a file is not what the manifest says, `badName` for
    ///   a tag that cannot be, `readOnly`, `noSpace`, `noLocks` and others for the disk.
    package func publish(
        _ publication: VariantPublication
    ) throws(VariantStoreError) -> Published {
        for tag in publication.tags { try Self.checkTag(tag, of: publication.name) }
        let base = try ModelArtifact(base: publication.manifest.base, model: publication.name.model)
        let variant = try ModelArtifact(
            publication.manifest, name: publication.name, inputs: publication.inputs,
            base: base.descriptor)
        var publication = publication
        if isMeasured(variant, on: publication.measurement?.machine) {
            publication.measurement = nil
        }
        let referring = try Self.referring(publication, variant: variant)
        let staging = try BlobStaging(self)
        try stage(publication, base: base, variant: variant, into: staging)
        let referrers = try referring.map { artifact throws(VariantStoreError) in
            try Self.stage(artifact, about: variant.descriptor, into: staging)
        }
        return try change(staging) { index throws(VariantStoreError) in
            Self.addBase(base, model: publication.name.model, to: &index)
            let published = Self.addVersion(variant, of: publication, to: &index)
            for referrer in referrers {
                index.putReferrer(referrer, of: variant.descriptor.digest)
            }
            for tag in [VariantReference.latest] + publication.tags {
                index.tag(published.version, as: tag)
            }
            return published
        }
    }

    /// Whether the store has been told how fast a variant is on a machine; what cannot be read tells nothing.
    private func isMeasured(
        _ variant: ModelArtifact, on machine: MeasurementRecord.Machine?
    ) -> Bool {
        guard let machine else { return false }
        let known = try? measurements(of: variant.descriptor.digest)
        return known?.contains { $0.machine == machine } ?? false
    }

    static func checkTag(_ tag: String, of name: VariantName) throws(VariantStoreError) {
        guard VariantReference.isTag(tag) else {
            throw VariantStoreError(.badName, file: "\(name.text):\(tag)")
        }
    }

    private static func referring(
        _ publication: VariantPublication, variant: ModelArtifact
    ) throws(VariantStoreError) -> [ReferringArtifact] {
        var artifacts: [ReferringArtifact] = []
        if let measurement = publication.measurement {
            do { artifacts.append(try ReferringArtifact(measurement)) } catch {
                throw VariantStoreError(
                    .damaged, file: publication.name.text, key: "measurement", detail: "\(error)")
            }
        }
        for signer in publication.signers {
            artifacts.append(try signature(of: variant.manifest.encoded, by: signer))
        }
        return artifacts
    }

    /// A signature of a manifest.
    ///
    /// - Throws: ``VariantStoreError`` with `cannotSign`.
    package static func signature(
        of manifest: [UInt8], by signer: SigningKey
    ) throws(VariantStoreError) -> ReferringArtifact {
        do {
            return ReferringArtifact(
                envelope: try signer.envelope(
                    payload: manifest, payloadType: ReferringArtifact.signedPayloadType))
        } catch {
            throw VariantStoreError(.cannotSign, file: signer.keyID)
        }
    }

    private func stage(
        _ publication: VariantPublication, base: ModelArtifact, variant: ModelArtifact,
        into staging: BlobStaging
    ) throws(VariantStoreError) {
        if let weights = variant.manifest.weights {
            let isOwn = publication.weights.hasPrefix(layout.staging + "/")
            try staging.add(
                weights.digest, byteCount: weights.byteCount,
                from: isOwn ? .move(publication.weights) : .copy(publication.weights))
        }
        if let weights = base.manifest.weights {
            try staging.add(
                weights.digest, byteCount: weights.byteCount, from: .copy(publication.base))
        }
        for bytes in base.blobs + variant.blobs { try staging.add(bytes) }
    }

    /// Stages an artifact about another one.
    ///
    /// - Returns: its descriptor.
    static func stage(
        _ artifact: ReferringArtifact, about subject: BlobDescriptor, into staging: BlobStaging
    ) throws(VariantStoreError) -> BlobDescriptor {
        var subject = subject
        subject.annotations = [:]
        let manifest = artifact.manifest(subject: subject)
        try staging.add(ReferringArtifact.emptyConfig)
        try staging.add(artifact.content)
        try staging.add(manifest.encoded)
        var descriptor = BlobDescriptor(OCI.imageManifest, of: manifest.encoded)
        descriptor.artifactType = artifact.artifactType
        return descriptor
    }

    /// Names a base, by the beginning of its file's digest, or by all of it if that is another's name.
    static func addBase(_ base: ModelArtifact, model: String, to index: inout StoreIndex) {
        guard let file = base.manifest.weights?.digest.hexadecimal else { return }
        var descriptor = base.descriptor
        for prefix in [String(file.prefix(12)), file] {
            let name = VariantReference.base(model: model, prefix: prefix).text
            let there = index.entry(named: name)
            if there?.digest == descriptor.digest { return }
            guard there == nil || prefix == file else { continue }
            descriptor.annotations[OCI.referenceName] = name
            index.put(IndexEntry(descriptor))
            return
        }
    }

    private static func addVersion(
        _ variant: ModelArtifact, of publication: VariantPublication, to index: inout StoreIndex
    ) -> Published {
        let name = publication.name
        var descriptor = variant.descriptor
        let same = index.versions(of: name).last { $0.entry.digest == descriptor.digest }
        if let same {
            let version = VariantVersion(
                name: name, number: same.number, digest: descriptor.digest)
            return Published(version: version, isNew: false)
        }
        let version = VariantVersion(
            name: name, number: index.highestVersion(of: name) + 1, digest: descriptor.digest)
        descriptor.annotations = [
            Annotation.inputs: publication.inputs,
            Annotation.base: publication.manifest.base.file.sha256,
        ]
        index.add(version, descriptor: descriptor)
        return Published(version: version, isNew: true)
    }

    /// Changes the index, once all blobs that the change needs are in place.
    ///
    /// - Parameter edit: may run more than once.
    func change<Outcome>(
        _ staging: BlobStaging,
        _ edit: (inout StoreIndex) throws(VariantStoreError) -> Outcome
    ) throws(VariantStoreError) -> Outcome {
        while true {
            try staging.sync()
            let lock = try lockForWriting()
            defer { lock.release() }
            if try staging.place() {
                let before = try cachedIndex().index
                var index = before
                let outcome = try edit(&index)
                try write(index, in: staging.work, insteadOf: before)
                return outcome
            }
            lock.release()
            try staging.restage()
        }
    }

    /// Makes an index the store's state; under the lock.
    func write(
        _ index: StoreIndex, in work: WorkFolder, insteadOf before: StoreIndex
    ) throws(VariantStoreError) {
        let bytes = index.encoded
        guard bytes != before.encoded else { return }
        guard bytes.count <= StoreIndex.largestByteCount else {
            throw VariantStoreError(
                .tooLarge(limit: StoreIndex.largestByteCount), file: layout.index)
        }
        let file = try replace(layout.index, with: bytes, in: work)
        try files.syncFolder(layout.root)
        try remember(index, in: file)
    }
}
