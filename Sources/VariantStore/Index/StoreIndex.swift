/// The index of a store: which artifacts are in it, under which names.
struct StoreIndex: Sendable {
    /// Larger ones are refused: some hundred thousand variants.
    static let largestByteCount = 256 << 20

    var entries: [IndexEntry] = []
    /// The highest number ever used, of lines on which that version is no longer.
    var highestVersions: [String: Int] = [:]
    /// What else other tools annotated.
    var annotations: [String: JSONValue] = [:]
    /// What else other tools wrote.
    var otherMembers: [String: JSONValue] = [:]

    /// An index without entries.
    init() {}

    /// Reads an index.
    ///
    /// - Parameters:
    ///   - previous: an earlier state, of which entries that still stand are used again.
    ///   - file: the name to give in errors.
    /// - Throws: ``VariantStoreError`` with `damagedIndex` or `indexTooNew`.
    init(
        parsing bytes: [UInt8], reusing previous: StoreIndex? = nil, file: String
    ) throws(VariantStoreError) {
        var schema: Int?
        do throws(JSONFault) {
            var scanner = JSONScanner(bytes)
            var read = StoreIndex()
            try scanner.members { key, scanner throws(JSONFault) in
                switch key {
                case "schemaVersion": schema = try scanner.count()
                case "manifests":
                    read.entries = try Self.entries(
                        &scanner, reusing: previous?.entries ?? [])
                case "annotations": try read.readAnnotations(&scanner)
                case "mediaType":
                    let type = try scanner.string()
                    guard type == OCI.imageIndex else {
                        throw scanner.failure("the media type is not that of an OCI image index")
                    }
                default: read.otherMembers[key] = try scanner.value()
                }
            }
            try scanner.end()
            self = read
        } catch {
            if let schema, schema > 2 {
                throw VariantStoreError(.indexTooNew(schema: schema), file: file)
            }
            throw VariantStoreError(.damagedIndex, file: file, detail: error.description)
        }
        guard let schema else {
            throw VariantStoreError(.damagedIndex, file: file, detail: "it has no schemaVersion")
        }
        guard schema <= 2 else { throw VariantStoreError(.indexTooNew(schema: schema), file: file) }
        guard schema == 2 else {
            throw VariantStoreError(
                .damagedIndex, file: file, detail: "its schemaVersion is \(schema), not 2")
        }
    }

    /// Most entries of an index are those of the state before, in the same order.
    private static func entries(
        _ scanner: inout JSONScanner, reusing previous: [IndexEntry]
    ) throws(JSONFault) -> [IndexEntry] {
        var entries: [IndexEntry] = []
        entries.reserveCapacity(previous.count + 8)
        var expected = 0
        try scanner.elements { scanner throws(JSONFault) in
            scanner.skipSpace()
            for ahead in 0..<4 where expected + ahead < previous.count {
                let known = previous[expected + ahead]
                if stands(known.bytes, in: scanner.bytes, at: scanner.position) {
                    entries.append(known)
                    scanner.advance(known.bytes.count)
                    expected += ahead + 1
                    return
                }
            }
            entries.append(try IndexEntry(reading: &scanner))
        }
        return entries
    }

    /// An entry's bytes end with the brace that opens it, so bytes that agree are the whole entry.
    private static func stands(_ known: [UInt8], in bytes: [UInt8], at position: Int) -> Bool {
        guard position + known.count <= bytes.count else { return false }
        return bytes[position..<position + known.count].elementsEqual(known)
    }

    private mutating func readAnnotations(_ scanner: inout JSONScanner) throws(JSONFault) {
        var highest: [String: Int] = [:]
        var others: [String: JSONValue] = [:]
        try scanner.members { key, scanner throws(JSONFault) in
            guard key == Annotation.highestVersions else {
                others[key] = try scanner.value()
                return
            }
            var inner = JSONScanner(Array(try scanner.string().utf8))
            try inner.members { line, inner throws(JSONFault) in highest[line] = try inner.count() }
        }
        highestVersions = highest
        annotations = others
    }

    /// The stored form.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(1024) { $0 + $1.bytes.count + 1 })
        bytes += "{\"schemaVersion\":2,\"mediaType\":\"\(OCI.imageIndex)\"".utf8
        var annotations = annotations
        if !highestVersions.isEmpty {
            let record = JSONValue.object(highestVersions.mapValues { .integer($0) })
            annotations[Annotation.highestVersions] = .string(
                String(decoding: record.canonicalBytes, as: UTF8.self))
        }
        if !annotations.isEmpty {
            bytes += ",\"annotations\":".utf8
            bytes += JSONValue.object(annotations).canonicalBytes
        }
        for (key, value) in otherMembers.sorted(by: { $0.key < $1.key }) {
            bytes.append(UInt8(ascii: ","))
            bytes += JSONValue.string(key).canonicalBytes
            bytes.append(UInt8(ascii: ":"))
            bytes += value.canonicalBytes
        }
        bytes += ",\"manifests\":[".utf8
        for (index, entry) in entries.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += entry.bytes
        }
        bytes += "]}\n".utf8
        return bytes
    }
}
