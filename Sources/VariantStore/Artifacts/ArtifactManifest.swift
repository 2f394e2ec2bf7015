/// The manifest of an artifact in a store: an OCI image manifest.
///
/// Equal manifests give equal bytes; there is no clock in them, so nothing has to honour
/// `SOURCE_DATE_EPOCH`.
package struct ArtifactManifest: Sendable, Equatable {
    /// Larger ones are refused; registries draw the line there too.
    package static let largestByteCount = 4 << 20

    package var artifactType: String?
    package var config: BlobDescriptor
    package var layers: [BlobDescriptor]
    /// The manifest that this artifact comes from or speaks of.
    package var subject: BlobDescriptor?
    package var annotations: [String: String]

    package init(
        artifactType: String?, config: BlobDescriptor, layers: [BlobDescriptor],
        subject: BlobDescriptor? = nil, annotations: [String: String] = [:]
    ) {
        self.artifactType = artifactType
        self.config = config
        self.layers = layers
        self.subject = subject
        self.annotations = annotations
    }

    /// The stored form.
    package var encoded: [UInt8] {
        var members: [String: JSONValue] = [
            "schemaVersion": .integer(2), "mediaType": .string(OCI.imageManifest),
            "config": config.json, "layers": .array(layers.map(\.json)),
        ]
        if let artifactType { members["artifactType"] = .string(artifactType) }
        if let subject { members["subject"] = subject.json }
        if !annotations.isEmpty {
            members["annotations"] = .object(annotations.mapValues { .string($0) })
        }
        return JSONValue.object(members).canonicalBytes
    }

    /// Reads the stored form; members that are not known are left alone.
    ///
    /// - Parameter file: the name to give in errors.
    /// - Throws: ``VariantStoreError`` with `damagedArtifact`.
    package init(parsing bytes: [UInt8], file: String) throws(VariantStoreError) {
        func damage(_ key: String, _ detail: String) -> VariantStoreError {
            VariantStoreError(.damagedArtifact, file: file, key: key, detail: detail)
        }
        let json: JSONValue
        do throws(JSONFault) {
            var scanner = JSONScanner(bytes)
            json = try scanner.value()
            try scanner.end()
        } catch { throw damage("", error.description) }
        guard json["schemaVersion"]?.integer == 2 else { throw damage("schemaVersion", "is not 2") }
        guard json["mediaType"]?.string ?? OCI.imageManifest == OCI.imageManifest else {
            throw damage("mediaType", "is not that of an OCI image manifest")
        }
        guard let config = BlobDescriptor(json["config"]) else {
            throw damage("config", "is no descriptor of a blob")
        }
        guard case .array(let elements)? = json["layers"] else {
            throw damage("layers", "is no list")
        }
        var layers: [BlobDescriptor] = []
        for (index, element) in elements.enumerated() {
            guard let layer = BlobDescriptor(element) else {
                throw damage("layers.\(index)", "is no descriptor of a blob")
            }
            layers.append(layer)
        }
        var subject: BlobDescriptor?
        if let member = json["subject"], member != .null {
            subject = BlobDescriptor(member)
            if subject == nil { throw damage("subject", "is no descriptor of a blob") }
        }
        var annotations: [String: String] = [:]
        if case .object(let members)? = json["annotations"] {
            annotations = members.compactMapValues(\.string)
        }
        self.init(
            artifactType: json["artifactType"]?.string, config: config, layers: layers,
            subject: subject, annotations: annotations)
    }

    /// The layer that holds a model's weights; nil if there is none.
    package var weights: BlobDescriptor? { layers.first { $0.mediaType == OCI.weights } }

    /// The layer that holds a variant's manifest; nil if there is none.
    package var variantManifest: BlobDescriptor? {
        layers.first { $0.mediaType == OCI.weightsConfig }
    }

    /// Everything that must be in a store for this artifact to be whole.
    var parts: [BlobDescriptor] { [config] + layers + (subject.map { [$0] } ?? []) }
}
