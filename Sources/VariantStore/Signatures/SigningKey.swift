import Crypto
import Foundation

/// A private Ed25519 key (RFC 8032), which signs artifacts.
///
/// Signatures follow from key and payload alone, so that signing again gives the same bytes.
package struct SigningKey: Sendable {
    static let label = "PRIVATE KEY"
    /// PKCS#8 before the seed: version 0, algorithm 1.3.101.112, an octet string in an octet string.
    static let prefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ]

    private let key: Curve25519.Signing.PrivateKey

    /// A new key from the system's random numbers.
    package init() { key = Curve25519.Signing.PrivateKey() }

    /// The key of a seed of 32 bytes.
    ///
    /// - Throws: ``SignatureError`` with `notEd25519`.
    package init(seed: [UInt8], file: String = "") throws(SignatureError) {
        do { key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed) } catch {
            throw SignatureError(.notEd25519, file: file)
        }
    }

    /// Reads PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// - Throws: ``SignatureError``.
    package init(pem: String, file: String = "") throws(SignatureError) {
        try self.init(try PEMBlock(parsing: pem, file: file), file: file)
    }

    /// Reads a PEM file that only its owner, and at most its group, may read.
    ///
    /// - Throws: ``SignatureError``.
    package init(readingFrom path: String) throws(SignatureError) {
        try self.init(try PEMBlock(readingFrom: path, isSecret: true), file: path)
    }

    private init(_ block: PEMBlock, file: String) throws(SignatureError) {
        try self.init(
            seed: try block.key(label: Self.label, behind: Self.prefix, file: file), file: file)
    }

    /// The secret as PKCS#8 PEM.
    package var pem: String {
        PEMBlock(label: Self.label, bytes: Self.prefix + Array(key.rawRepresentation)).text
    }

    /// The public key that checks what this one signs.
    package var verificationKey: VerificationKey { VerificationKey(key.publicKey) }

    /// Names the key: see ``VerificationKey/id``.
    package var keyID: String { verificationKey.id }

    /// The signature of a message: 64 bytes.
    ///
    /// - Throws: ``SignatureError`` with `cannotSign`.
    package func signature(of message: [UInt8]) throws(SignatureError) -> [UInt8] {
        do { return Array(try key.signature(for: message)) } catch {
            throw SignatureError(.cannotSign)
        }
    }

    /// Signs bytes: the stored form of a DSSE envelope that holds them and one signature.
    ///
    /// - Throws: ``SignatureError`` with `cannotSign`.
    package func envelope(
        payload: [UInt8], payloadType: String
    ) throws(SignatureError) -> [UInt8] {
        let message = SignatureEnvelope.signedBytes(payload: payload, payloadType: payloadType)
        let entry = SignatureEnvelope.Entry(keyID: keyID, signature: try signature(of: message))
        return SignatureEnvelope(
            payloadType: payloadType, payload: payload, signatures: [entry]
        ).encoded()
    }
}
