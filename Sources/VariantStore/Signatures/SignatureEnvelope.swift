import Foundation

/// Bytes with their type and the signatures over both: a DSSE v1 envelope
/// (https://github.com/secure-systems-lab/dsse, `envelope.md` and `protocol.md`).
package struct SignatureEnvelope: Sendable, Equatable {
    /// One signature, and the name of the key that it claims to be of.
    package struct Entry: Sendable, Equatable {
        /// A hint that nothing protects; nil if there is none.
        package var keyID: String?
        package var signature: [UInt8]

        package init(keyID: String?, signature: [UInt8]) {
            self.keyID = keyID
            self.signature = signature
        }
    }

    /// The media type of the stored form.
    package static let mediaType = "application/vnd.dsse.envelope.v1+json"
    /// Larger ones are refused: a manifest of the largest size and its signatures fit.
    package static let largestByteCount = 1 << 23
    /// More signatures are refused, as each costs a check for each key.
    package static let mostSignatures = 64

    package var payloadType: String
    package var payload: [UInt8]
    package var signatures: [Entry]

    package init(payloadType: String, payload: [UInt8], signatures: [Entry]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
    }

    /// What is really signed, the pre-authentication encoding: type and payload, each behind its length.
    package static func signedBytes(payload: [UInt8], payloadType: String) -> [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }

    /// The stored form; equal envelopes give equal bytes.
    package func encoded() -> [UInt8] {
        let entries = signatures.map { entry in
            let hint = entry.keyID.map { "\"keyid\":\(Self.quoted($0))," } ?? ""
            return "{\(hint)\"sig\":\"\(Data(entry.signature).base64EncodedString())\"}"
        }
        let text =
            "{\"payload\":\"\(Data(payload).base64EncodedString())\","
            + "\"payloadType\":\(Self.quoted(payloadType)),"
            + "\"signatures\":[\(entries.joined(separator: ","))]}"
        return Array(text.utf8)
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// Reads the stored form, with base64 of either alphabet; keys that are not known are left alone.
    ///
    /// - Throws: ``Malformed``.
    package init(parsing bytes: [UInt8]) throws(Malformed) {
        guard bytes.count <= Self.largestByteCount else { throw .tooLarge }
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(bytes)) } catch {
            throw .notAnEnvelope
        }
        guard let payload = Self.bytes(base64: document.payload) else { throw .payload }
        guard (1...Self.mostSignatures).contains(document.signatures.count) else {
            throw .signatureCount(document.signatures.count)
        }
        var entries: [Entry] = []
        for (index, entry) in document.signatures.enumerated() {
            guard let signature = Self.bytes(base64: entry.sig) else {
                throw .signature(index: index)
            }
            let hint = entry.keyid.flatMap { $0.isEmpty ? nil : $0 }
            entries.append(Entry(keyID: hint, signature: signature))
        }
        self.init(payloadType: document.payloadType, payload: payload, signatures: entries)
    }

    private struct Document: Decodable {
        struct Entry: Decodable {
            var keyid: String?
            var sig: String
        }

        var payload: String
        var payloadType: String
        var signatures: [Entry]
    }

    private static func bytes(base64 text: String) -> [UInt8]? {
        let standard = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return Data(base64Encoded: String(standard)).map(Array.init)
    }
}

extension SignatureEnvelope {
    /// Why bytes are no envelope.
    package enum Malformed: Error, Hashable, Sendable {
        case tooLarge
        /// Not JSON, or a key is missing or of another type.
        case notAnEnvelope
        /// The payload is not base64.
        case payload
        /// No signature, or more than are looked at.
        case signatureCount(Int)
        /// The signature of this index, from 0, is not base64.
        case signature(index: Int)
    }
}
