import Contexts

/// The artifacts of a model's file and of a variant, as CNCF ModelPack (specification 0.0.7) has them.
struct ModelArtifact {
    let manifest: ArtifactManifest
    /// Blobs that the manifest names and that are made here, not read from files.
    let blobs: [[UInt8]]

    /// The descriptor under which an index or a subject names it.
    var descriptor: BlobDescriptor {
        var descriptor = BlobDescriptor(OCI.imageManifest, of: manifest.encoded)
        descriptor.artifactType = OCI.model
        return descriptor
    }

    /// The model that variants come from.
    ///
    /// - Parameter model: what it is called in the store.
    init(base: VariantManifest.Base, model: String) throws(VariantStoreError) {
        let weights = try Self.weights(
            base.file, named: model + Self.suffix(of: base.file.name), of: base.file.name)
        let config = Self.config(
            name: model, family: model, file: base.file, layers: [weights])
        manifest = ArtifactManifest(
            artifactType: OCI.model, config: BlobDescriptor(OCI.modelConfig, of: config),
            layers: [weights],
            annotations: [
                Annotation.kind: "base", Annotation.model: model,
                Annotation.base: base.file.sha256,
                Annotation.fileBytes: String(base.file.byteCount),
                Annotation.parameters: String(base.file.parameters),
                Annotation.multiplyAdds: String(base.file.multiplyAdds),
            ])
        blobs = [config, manifest.encoded]
    }

    /// A variant.
    ///
    /// Its version is not part of it: the same inputs give the same artifact, whatever came before.
    /// - Throws: ``VariantStoreError`` with `damaged` for numbers that JSON cannot hold and names that are no
    ///   file's.
    init(
        _ variant: VariantManifest, name: VariantName, inputs: String, base: BlobDescriptor
    ) throws(VariantStoreError) {
        let record: [UInt8]
        do { record = Array(try variant.encoded()) } catch {
            throw VariantStoreError(.damaged, file: name.text, detail: "\(error)")
        }
        let file = variant.variant
        let weights = try Self.weights(file, named: file.name, of: file.name)
        var recordLayer = BlobDescriptor(OCI.weightsConfig, of: record)
        recordLayer.annotations[OCI.filePath] = file.name + VariantManifest.fileSuffix
        let layers = [weights, recordLayer]
        let config = Self.config(
            name: "\(name.model)-\(name.profile)", family: name.model, file: file, layers: layers)
        manifest = ArtifactManifest(
            artifactType: OCI.model, config: BlobDescriptor(OCI.modelConfig, of: config),
            layers: layers, subject: base,
            annotations: Self.annotations(variant, name: name, inputs: inputs))
        blobs = [config, record, manifest.encoded]
    }

    /// What a variant's annotations must say; ``VariantManifest`` is where they come from.
    static func annotations(
        _ variant: VariantManifest, name: VariantName, inputs: String
    ) -> [String: String] {
        var annotations = [
            Annotation.kind: "variant", Annotation.model: name.model,
            Annotation.profile: name.profile, Annotation.base: variant.base.file.sha256,
            Annotation.plan: BlobDigest(of: variant.plan.canonicalBytes).hexadecimal,
            Annotation.toolVersion: variant.tool.version,
            Annotation.fileBytes: String(variant.variant.byteCount),
            Annotation.parameters: String(variant.variant.parameters),
            Annotation.multiplyAdds: String(variant.variant.multiplyAdds),
            Annotation.peakMemory: String(variant.costs.after.peakMemoryBytes),
            Annotation.inputs: inputs,
        ]
        annotations[Annotation.profileDigest] = variant.profile.sha256
        annotations[Annotation.calibration] = variant.recovery?.calibration?.sha256
        annotations[Annotation.accuracy] = variant.accuracy.map { "\($0.after)" }
        if case .run(let result) = variant.proof {
            annotations[Annotation.proofHolds] = result.holds ? "true" : "false"
        }
        return annotations
    }

    private static func weights(
        _ file: VariantManifest.File, named name: String, of original: String
    ) throws(VariantStoreError) -> BlobDescriptor {
        guard let digest = BlobDigest(hexadecimal: file.sha256), file.byteCount >= 0 else {
            throw VariantStoreError(
                .damaged, file: original, key: "sha256", detail: "is no SHA-256 digest")
        }
        guard isFileName(name) else {
            throw VariantStoreError(
                .damaged, file: original, key: "file", detail: "is no file name")
        }
        return BlobDescriptor(
            mediaType: OCI.weights, digest: digest, byteCount: file.byteCount,
            annotations: [OCI.filePath: name])
    }

    /// Whether a name stays in the folder that it is put into.
    static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && name != "." && name != ".."
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7F }
    }

    /// What a Keras file's name ends with.
    private static func suffix(of name: String) -> String {
        for suffix in [".weights.h5", ".keras", ".h5", ".hdf5"] where name.hasSuffix(suffix) {
            return suffix
        }
        return ""
    }

    private static func config(
        name: String, family: String, file: VariantManifest.File, layers: [BlobDescriptor]
    ) -> [UInt8] {
        let format =
            switch suffix(of: file.name) {
            case ".keras": "keras"
            case ".weights.h5": "keras-weights-h5"
            default: "keras-h5"
            }
        return JSONValue.object([
            "descriptor": .object(["name": .string(name), "family": .string(family)]),
            "config": .object([
                "format": .string(format), "paramSize": .string(String(file.parameters)),
            ]),
            "modelfs": .object([
                "type": .string("layers"),
                "diffIds": .array(layers.map { .string($0.digest.text) }),
            ]),
        ]).canonicalBytes
    }
}
