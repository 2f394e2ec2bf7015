import Foundation

/// An artifact that speaks of another one: a measurement or a signature of it.
package struct ReferringArtifact: Sendable, Equatable {
    package var artifactType: String
    /// Of the content.
    package var mediaType: String
    package var content: [UInt8]
    package var annotations: [String: String]

    package init(
        artifactType: String, mediaType: String, content: [UInt8],
        annotations: [String: String] = [:]
    ) {
        self.artifactType = artifactType
        self.mediaType = mediaType
        self.content = content
        self.annotations = annotations
    }

    /// A measurement of a variant.
    ///
    /// - Throws: `EncodingError` for numbers that JSON cannot hold (infinite ones).
    package init(_ measurement: MeasurementRecord) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let content = try encoder.encode(measurement) + Data("\n".utf8)
        self.init(
            artifactType: OCI.measurement, mediaType: OCI.measurement, content: Array(content))
    }

    /// A signature: a DSSE envelope around a manifest's bytes.
    package init(envelope: [UInt8]) {
        self.init(artifactType: OCI.signature, mediaType: OCI.envelope, content: envelope)
    }

    /// What a signature signs: the subject's manifest, byte for byte, as this type.
    package static let signedPayloadType = OCI.imageManifest

    /// The manifest of this artifact, about a subject.
    func manifest(subject: BlobDescriptor) -> ArtifactManifest {
        ArtifactManifest(
            artifactType: artifactType,
            config: BlobDescriptor(OCI.emptyConfig, of: Self.emptyConfig),
            layers: [BlobDescriptor(mediaType, of: content)], subject: subject,
            annotations: annotations)
    }

    /// The configuration of an artifact that needs none, as OCI has it.
    static let emptyConfig = Array("{}".utf8)
}
