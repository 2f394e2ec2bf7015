import Foundation

/// Looks at everything in a store, and collects what is not as it should be.
struct StoreVerifier {
    private let store: StoreDirectory
    private let snapshot: StoreSnapshot
    private let policy: SignaturePolicy?
    private(set) var report = VerificationReport()
    /// What was digested already: a base is named by each of its variants.
    private var blobs: [BlobDigest: Blob] = [:]

    private enum Blob {
        case whole(byteCount: Int)
        case bad(VerificationFinding.Fault)
    }

    init(_ store: StoreDirectory, _ snapshot: StoreSnapshot, policy: SignaturePolicy?) {
        self.store = store
        self.snapshot = snapshot
        self.policy = policy
    }

    private mutating func note(_ fault: VerificationFinding.Fault, at place: String) {
        let finding = VerificationFinding(place: place, fault: fault)
        if !report.findings.contains(finding) { report.findings.append(finding) }
    }

    /// Digests a blob that a descriptor names.
    ///
    /// - Returns: whether it is whole.
    private mutating func check(_ descriptor: BlobDescriptor, at place: String) -> Bool {
        let digest = descriptor.digest
        let blob = blobs[digest] ?? digested(digest)
        blobs[digest] = blob
        switch blob {
        case .bad(let fault):
            note(fault, at: place)
            return false
        case .whole(let byteCount):
            if byteCount == descriptor.byteCount { return true }
            note(
                .wrongSize(digest, expected: descriptor.byteCount, actual: byteCount), at: place)
            return false
        }
    }

    private mutating func digested(_ digest: BlobDigest) -> Blob {
        do {
            let actual = try store.open(digest).digest()
            report.blobs += 1
            report.byteCount += actual.byteCount
            guard let found = BlobDigest(hexadecimal: actual.sha256), found != digest else {
                return .whole(byteCount: actual.byteCount)
            }
            return .bad(.damagedBlob(digest, actual: found))
        } catch {
            if case .missingBlob = error.code { return .bad(.missingBlob(digest)) }
            return .bad(.unreadableBlob(digest, error))
        }
    }

    /// Reads a manifest that an entry names, with the blobs that it needs.
    private mutating func artifact(
        _ descriptor: BlobDescriptor, type: String?, at place: String
    ) -> ArtifactManifest? {
        guard check(descriptor, at: place) else { return nil }
        let manifest: ArtifactManifest
        do { manifest = try store.artifact(descriptor.digest) } catch {
            note(.damagedArtifact(error), at: place)
            return nil
        }
        if let type, manifest.artifactType != type {
            contradiction("artifactType", expected: type, actual: manifest.artifactType, at: place)
        }
        for part in [manifest.config] + manifest.layers { _ = check(part, at: place) }
        if let subject = manifest.subject { _ = check(subject, at: place) }
        return manifest
    }

    private mutating func contradiction(
        _ key: String, expected: String, actual: String?, at place: String
    ) {
        guard expected != actual else { return }
        note(.contradiction(key: key, expected: expected, actual: actual), at: place)
    }

    mutating func verify(_ version: VariantVersion) {
        report.versions += 1
        let place = version.text
        guard let entry = snapshot.index.entry(named: place), let descriptor = entry.descriptor
        else { return }
        if let artifact = artifact(descriptor, type: OCI.model, at: place) {
            verify(artifact, of: version, entry: entry)
        }
        for referrer in snapshot.referrers(of: version.digest) { verify(referrer, at: place) }
        verifySignatures(of: version)
    }

    private mutating func verify(
        _ artifact: ArtifactManifest, of version: VariantVersion, entry: IndexEntry
    ) {
        let place = version.text
        guard let record = record(of: artifact, at: place) else { return }
        let inputs = artifact.annotations[Annotation.inputs] ?? ""
        let expected = ModelArtifact.annotations(record, name: version.name, inputs: inputs)
        for (key, value) in expected.sorted(by: { $0.key < $1.key }) {
            contradiction(key, expected: value, actual: artifact.annotations[key], at: place)
        }
        if let named = entry.inputs, named != inputs {
            contradiction(Annotation.inputs, expected: inputs, actual: named, at: place)
        }
        if let base = entry.base?.hexadecimal {
            contradiction(
                Annotation.base, expected: record.base.file.sha256, actual: base, at: place)
        }
        contradiction(
            "layers", expected: record.variant.sha256,
            actual: artifact.weights?.digest.hexadecimal, at: place)
        contradiction(
            OCI.filePath, expected: record.variant.name,
            actual: artifact.weights?.annotations[OCI.filePath], at: place)
        guard let subject = artifact.subject else {
            contradiction("subject", expected: record.base.file.sha256, actual: nil, at: place)
            return
        }
        if let base = self.artifact(subject, type: OCI.model, at: place) {
            contradiction(
                "subject", expected: record.base.file.sha256,
                actual: base.weights?.digest.hexadecimal, at: place)
        }
    }

    private mutating func record(
        of artifact: ArtifactManifest, at place: String
    ) -> VariantManifest? {
        guard let layer = artifact.variantManifest else {
            contradiction("layers", expected: OCI.weightsConfig, actual: nil, at: place)
            return nil
        }
        guard case .whole? = blobs[layer.digest] else { return nil }
        do {
            let bytes = try store.content(
                of: layer.digest, limit: VariantManifest.largestByteCount)
            return try VariantManifest(parsing: Data(bytes), file: place)
        } catch {
            note(.damagedRecord(error), at: place)
            return nil
        }
    }

    /// An artifact about another one.
    private mutating func verify(_ referrer: BlobDescriptor, at place: String) {
        guard let artifact = artifact(referrer, type: referrer.artifactType, at: place),
            artifact.artifactType == OCI.measurement, let layer = artifact.layers.first,
            case .whole? = blobs[layer.digest]
        else { return }
        do throws(VariantStoreError) {
            let bytes = try store.content(
                of: layer.digest, limit: ArtifactManifest.largestByteCount)
            _ = try MeasurementRecord(parsing: bytes, file: referrer.digest.text)
        } catch { note(.damagedRecord(error), at: place) }
    }

    private mutating func verifySignatures(of version: VariantVersion) {
        // What cannot be read has a finding already.
        guard let policy,
            let verdict = try? store.verdict(
                on: version.digest, policy: policy, in: snapshot)
        else { return }
        if case .valid = verdict { report.signed += 1 }
        if !policy.accepts(verdict) { note(.signature(verdict), at: version.text) }
    }

    /// Bases, names and tags, and the blobs that nothing names.
    mutating func verifyTheRest() throws(VariantStoreError) {
        for base in snapshot.bases {
            report.bases += 1
            guard let descriptor = snapshot.index.entry(named: base.text)?.descriptor else {
                continue
            }
            if let artifact = artifact(descriptor, type: OCI.model, at: base.text) {
                contradiction(
                    Annotation.base, expected: artifact.weights?.digest.hexadecimal ?? "",
                    actual: artifact.annotations[Annotation.base], at: base.text)
            }
            for referrer in snapshot.referrers(of: base.digest) { verify(referrer, at: base.text) }
        }
        verifyNames()
        for name in try StoreFiles.names(in: store.layout.blobs) {
            guard let digest = BlobDigest(hexadecimal: name), blobs[digest] == nil else { continue }
            switch digested(digest) {
            // It went meanwhile, which it may, as nothing names it.
            case .whole, .bad(.missingBlob): break
            case .bad(let fault): note(fault, at: digest.text)
            }
        }
    }

    private mutating func verifyNames() {
        var seen: Set<String> = []
        for name in snapshot.index.entries.compactMap(\.referenceName)
        where !seen.insert(name).inserted {
            note(.repeatedName(name), at: name)
        }
        for entry in snapshot.index.entries {
            guard case .tag(let name, let tag)? = entry.reference,
                snapshot.tagged(name, tag) == nil
            else { continue }
            note(.danglingTag(tag), at: "\(name.text):\(tag)")
        }
    }
}
