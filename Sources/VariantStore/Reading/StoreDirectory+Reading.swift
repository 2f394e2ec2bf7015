import Foundation

extension StoreDirectory {
    /// Opens a blob wherever it is.
    ///
    /// A garbage collection moves blobs aside before it knows that nobody needs them, and puts back what
    /// somebody does: a blob that is missing is looked for there, and then once more at its place.
    /// - Throws: ``VariantStoreError`` with `missingBlob`.
    func open(_ digest: BlobDigest) throws(VariantStoreError) -> OpenFile {
        for path in [layout.blob(digest), layout.trashed(digest), layout.blob(digest)] {
            do { return try StoreFiles.openForReading(path) } catch {
                if error.code != .unreadable(errno: ENOENT),
                    error.code != .unreadable(errno: ENOTDIR)
                {
                    throw error
                }
            }
        }
        // The whole store may be gone.
        try checkLayout()
        throw VariantStoreError(.missingBlob(digest: digest.text), file: layout.blob(digest))
    }

    /// The content of a small blob, checked against its digest.
    ///
    /// - Throws: ``VariantStoreError`` with `missingBlob`, `damagedBlob` or `tooLarge`.
    package func content(
        of digest: BlobDigest, limit: Int
    ) throws(VariantStoreError) -> [UInt8] {
        let bytes = try open(digest).content(limit: limit)
        try check(BlobDigest(of: bytes), is: digest)
        return bytes
    }

    private func check(
        _ actual: BlobDigest, is expected: BlobDigest
    ) throws(VariantStoreError) {
        guard actual == expected else {
            throw VariantStoreError(
                .damagedBlob(expected: expected.text, actual: actual.text),
                file: layout.blob(expected))
        }
    }

    /// The manifest of a variant, a base or an artifact about one.
    ///
    /// - Throws: ``VariantStoreError``.
    package func artifact(_ digest: BlobDigest) throws(VariantStoreError) -> ArtifactManifest {
        let bytes = try content(of: digest, limit: ArtifactManifest.largestByteCount)
        return try ArtifactManifest(parsing: bytes, file: layout.blob(digest))
    }

    /// What a variant is.
    ///
    /// - Throws: ``VariantStoreError``; `damagedArtifact` if the artifact has no such layer.
    package func manifest(
        of version: VariantVersion
    ) throws(VariantStoreError) -> VariantManifest {
        guard let layer = try artifact(version.digest).variantManifest else {
            throw VariantStoreError(
                .damagedArtifact, file: version.text, key: "layers",
                detail: "has no manifest of a variant")
        }
        let bytes = try content(of: layer.digest, limit: VariantManifest.largestByteCount)
        return try VariantManifest(parsing: Data(bytes), file: version.text)
    }

    /// How long inference of a variant took, wherever it was measured.
    ///
    /// - Throws: ``VariantStoreError``; `damaged` for a record that cannot be understood.
    package func measurements(
        of version: VariantVersion
    ) throws(VariantStoreError) -> [MeasurementRecord] {
        try measurements(of: version.digest)
    }

    /// How long inference of a variant's artifact took.
    func measurements(
        of digest: BlobDigest
    ) throws(VariantStoreError) -> [MeasurementRecord] {
        var records: [MeasurementRecord] = []
        for referrer in try snapshot().referrers(of: digest)
        where referrer.artifactType == OCI.measurement {
            let (bytes, _) = try onlyLayer(of: referrer.digest)
            records.append(try MeasurementRecord(parsing: bytes, file: referrer.digest.text))
        }
        return records
    }

    /// The envelopes with signatures of a variant or base, and what names each.
    ///
    /// - Throws: ``VariantStoreError``.
    package func signatures(
        of digest: BlobDigest
    ) throws(VariantStoreError) -> [(envelope: [UInt8], descriptor: BlobDescriptor)] {
        try signatures(of: digest, in: snapshot())
    }

    private func signatures(
        of digest: BlobDigest, in snapshot: StoreSnapshot
    ) throws(VariantStoreError) -> [(envelope: [UInt8], descriptor: BlobDescriptor)] {
        var signatures: [(envelope: [UInt8], descriptor: BlobDescriptor)] = []
        for referrer in snapshot.referrers(of: digest)
        where referrer.artifactType == OCI.signature {
            signatures.append((try onlyLayer(of: referrer.digest).bytes, referrer))
        }
        return signatures
    }

    /// What signatures of a variant or base say about its manifest.
    ///
    /// - Throws: ``VariantStoreError`` if the manifest or an envelope cannot be read.
    package func verdict(
        on digest: BlobDigest, policy: SignaturePolicy
    ) throws(VariantStoreError) -> SignatureVerdict {
        try verdict(on: digest, policy: policy, in: snapshot())
    }

    func verdict(
        on digest: BlobDigest, policy: SignaturePolicy, in snapshot: StoreSnapshot
    ) throws(VariantStoreError) -> SignatureVerdict {
        let payload = try content(of: digest, limit: ArtifactManifest.largestByteCount)
        return policy.check(
            payload: payload, payloadType: ReferringArtifact.signedPayloadType,
            envelopes: try signatures(of: digest, in: snapshot).map(\.envelope))
    }

    private func onlyLayer(
        of digest: BlobDigest
    ) throws(VariantStoreError) -> (bytes: [UInt8], descriptor: BlobDescriptor) {
        guard let layer = try artifact(digest).layers.first else {
            throw VariantStoreError(
                .damagedArtifact, file: digest.text, key: "layers", detail: "is empty")
        }
        return (try content(of: layer.digest, limit: SignatureEnvelope.largestByteCount), layer)
    }

    /// Opens a variant's file.
    ///
    /// - Parameters:
    ///   - lease: whether the store keeps the variant whole until the result is let go; without it the open
    ///     file alone stays readable.
    ///   - verifies: whether the whole content is digested first.
    /// - Throws: ``VariantStoreError`` with `missingBlob` or `damagedBlob`.
    package func openWeights(
        of version: VariantVersion, lease: Bool, verifies: Bool = true
    ) throws(VariantStoreError) -> OpenBlob {
        try openWeights(ofArtifact: version.digest, lease: lease, verifies: verifies)
    }

    /// Opens the file of a variant or a base.
    package func openWeights(
        ofArtifact digest: BlobDigest, lease: Bool, verifies: Bool = true
    ) throws(VariantStoreError) -> OpenBlob {
        let held = lease ? try self.lease([digest]) : nil
        guard let layer = try artifact(digest).weights else {
            throw VariantStoreError(
                .damagedArtifact, file: digest.text, key: "layers", detail: "has no weights")
        }
        let name = layer.annotations[OCI.filePath] ?? ""
        guard ModelArtifact.isFileName(name) else {
            throw VariantStoreError(
                .damagedArtifact, file: digest.text, key: OCI.filePath, detail: "is no file name")
        }
        let file = try open(layer.digest)
        let size = Int(try file.status().st_size)
        if verifies || size != layer.byteCount {
            let actual = try file.digest().sha256
            try check(
                BlobDigest(hexadecimal: actual) ?? BlobDigest(of: [UInt8]()), is: layer.digest)
        }
        guard size == layer.byteCount else {
            throw VariantStoreError(
                .damagedArtifact, file: digest.text, key: "layers",
                detail: "gives another size than the weights have")
        }
        return OpenBlob(
            file: file, name: name, digest: layer.digest, byteCount: size,
            path: layout.blob(layer.digest), lease: held)
    }
}
