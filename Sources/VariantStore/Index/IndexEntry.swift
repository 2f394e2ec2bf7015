/// One descriptor of a store's index, with the bytes that it is there.
///
/// An index is rewritten by putting these bytes one behind the other, and what another tool wrote into
/// an entry stays as it was.
final class IndexEntry: Sendable {
    let bytes: [UInt8]
    /// nil for entries with another kind of digest, which nobody here looks into.
    let digest: BlobDigest?
    let mediaType: String
    let byteCount: Int
    let artifactType: String?
    /// The name under which OCI tools find the artifact.
    let referenceName: String?
    /// The name as Espalier understands it; nil for others' names.
    let reference: VariantReference?
    /// What a referring artifact speaks of.
    let subject: BlobDigest?
    let inputs: String?
    let base: BlobDigest?

    /// An entry for an artifact.
    init(_ descriptor: BlobDescriptor) {
        bytes = descriptor.json.canonicalBytes
        digest = descriptor.digest
        mediaType = descriptor.mediaType
        byteCount = descriptor.byteCount
        artifactType = descriptor.artifactType
        referenceName = descriptor.annotations[OCI.referenceName]
        reference = referenceName.flatMap { VariantReference(indexName: $0) }
        subject = descriptor.annotations[Annotation.subject].flatMap { BlobDigest($0) }
        inputs = descriptor.annotations[Annotation.inputs]
        base = descriptor.annotations[Annotation.base].flatMap { BlobDigest(hexadecimal: $0) }
    }

    /// Reads the entry at which a scanner stands.
    init(reading scanner: inout JSONScanner) throws(JSONFault) {
        scanner.skipSpace()
        let start = scanner.position
        var digest: BlobDigest?
        var mediaType = ""
        var byteCount = 0
        var artifactType: String?
        var annotations = KnownAnnotations()
        try scanner.members { key, scanner throws(JSONFault) in
            switch key {
            case "digest": digest = BlobDigest(try scanner.string())
            case "mediaType": mediaType = Self.shared(try scanner.string())
            case "size": byteCount = try scanner.count()
            case "artifactType": artifactType = Self.shared(try scanner.string())
            case "annotations": try annotations.read(from: &scanner)
            default: _ = try scanner.skip()
            }
        }
        bytes = Array(scanner.bytes[start..<scanner.position])
        self.digest = digest
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.artifactType = artifactType
        referenceName = annotations.referenceName
        reference = annotations.referenceName.flatMap { VariantReference(indexName: $0) }
        subject = annotations.subject
        inputs = annotations.inputs
        base = annotations.base
    }

    /// The words that nearly every entry holds, so that each is in memory once.
    private static func shared(_ text: String) -> String {
        switch text {
        case OCI.imageManifest: OCI.imageManifest
        case OCI.model: OCI.model
        case OCI.measurement: OCI.measurement
        case OCI.signature: OCI.signature
        default: text
        }
    }

    private struct KnownAnnotations {
        var referenceName: String?
        var subject: BlobDigest?
        var inputs: String?
        var base: BlobDigest?

        mutating func read(from scanner: inout JSONScanner) throws(JSONFault) {
            var found = self
            try scanner.members { key, scanner throws(JSONFault) in
                switch key {
                case OCI.referenceName: found.referenceName = try scanner.string()
                case Annotation.subject: found.subject = BlobDigest(try scanner.string())
                case Annotation.inputs: found.inputs = try scanner.string()
                case Annotation.base:
                    found.base = BlobDigest(hexadecimal: try scanner.string())
                default: _ = try scanner.skip()
                }
            }
            self = found
        }
    }

    /// The descriptor without the index's own annotations; nil for another kind of digest.
    var descriptor: BlobDescriptor? {
        guard let digest else { return nil }
        return BlobDescriptor(
            mediaType: mediaType, digest: digest, byteCount: byteCount, artifactType: artifactType)
    }

    /// The same artifact under another name of the same line.
    func renamed(_ name: String) -> IndexEntry? {
        guard var descriptor else { return nil }
        descriptor.annotations[OCI.referenceName] = name
        return IndexEntry(descriptor)
    }
}
