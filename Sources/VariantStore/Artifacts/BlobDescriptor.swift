/// What points to a blob: an OCI content descriptor.
package struct BlobDescriptor: Sendable, Equatable {
    package var mediaType: String
    package var digest: BlobDigest
    package var byteCount: Int
    /// What a manifest is the manifest of; nil for other blobs.
    package var artifactType: String?
    package var annotations: [String: String]

    package init(
        mediaType: String, digest: BlobDigest, byteCount: Int, artifactType: String? = nil,
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.byteCount = byteCount
        self.artifactType = artifactType
        self.annotations = annotations
    }

    /// The descriptor of bytes in memory.
    init(_ mediaType: String, of bytes: [UInt8], annotations: [String: String] = [:]) {
        self.init(
            mediaType: mediaType, digest: BlobDigest(of: bytes), byteCount: bytes.count,
            annotations: annotations)
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "mediaType": .string(mediaType), "digest": .string(digest.text),
            "size": .integer(byteCount),
        ]
        if let artifactType { members["artifactType"] = .string(artifactType) }
        if !annotations.isEmpty {
            members["annotations"] = .object(annotations.mapValues { .string($0) })
        }
        return .object(members)
    }

    /// - Returns: nil if a part is missing, of another type, or no SHA-256 digest.
    init?(_ json: JSONValue?) {
        guard let json, let mediaType = json["mediaType"]?.string,
            let digest = json["digest"]?.string.flatMap({ BlobDigest($0) }),
            let byteCount = json["size"]?.integer, byteCount >= 0
        else { return nil }
        var annotations: [String: String] = [:]
        if case .object(let members)? = json["annotations"] {
            annotations = members.compactMapValues(\.string)
        }
        self.init(
            mediaType: mediaType, digest: digest, byteCount: byteCount,
            artifactType: json["artifactType"]?.string, annotations: annotations)
    }
}
