/// A variant that is to be published, with all that belongs to it.
package struct VariantPublication: Sendable {
    package var name: VariantName
    package var manifest: VariantManifest
    /// The variant's file: moved if it is in a ``WorkFolder`` of the same store, copied otherwise.
    package var weights: String
    /// The file that it was pruned from; read only if the store does not have it yet.
    package var base: String
    /// A digest of everything that decides what the variant is.
    package var inputs: String
    /// How long inference took; nil if nobody measured.
    package var measurement: MeasurementRecord?
    /// Beside `latest`, which every publication moves.
    package var tags: [String]
    package var signers: [SigningKey]

    package init(
        name: VariantName, manifest: VariantManifest, weights: String, base: String,
        inputs: String, measurement: MeasurementRecord? = nil, tags: [String] = [],
        signers: [SigningKey] = []
    ) {
        self.name = name
        self.manifest = manifest
        self.weights = weights
        self.base = base
        self.inputs = inputs
        self.measurement = measurement
        self.tags = tags
        self.signers = signers
    }
}

/// What a publication led to.
package struct Published: Sendable, Hashable {
    package let version: VariantVersion
    /// False if the line had the same artifact already.
    package let isNew: Bool

    package init(version: VariantVersion, isNew: Bool) {
        self.version = version
        self.isNew = isNew
    }
}
