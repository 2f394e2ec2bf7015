import Crypto
import Foundation

/// A public Ed25519 key (RFC 8032), which checks signatures.
package struct VerificationKey: Sendable {
    static let label = "PUBLIC KEY"
    /// SubjectPublicKeyInfo before the key: algorithm 1.3.101.112, a bit string without unused bits.
    static let prefix: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// Names the key: SHA-256 of its SubjectPublicKeyInfo as DER, 64 hexadecimal digits.
    ///
    /// `openssl pkey -pubin -in KEY -outform DER | sha256sum` gives the same.
    package let id: String
    private let key: Curve25519.Signing.PublicKey

    init(_ key: Curve25519.Signing.PublicKey) {
        self.key = key
        id = FileDigest(of: Self.prefix + Array(key.rawRepresentation)).sha256
    }

    /// The key of 32 bytes, as RFC 8032 encodes it.
    ///
    /// - Throws: ``SignatureError`` with `notEd25519`.
    package init(bytes: [UInt8], file: String = "") throws(SignatureError) {
        do { self.init(try Curve25519.Signing.PublicKey(rawRepresentation: bytes)) } catch {
            throw SignatureError(.notEd25519, file: file)
        }
    }

    /// Reads SubjectPublicKeyInfo PEM, as `openssl pkey -pubout` writes it.
    ///
    /// - Throws: ``SignatureError``.
    package init(pem: String, file: String = "") throws(SignatureError) {
        try self.init(try PEMBlock(parsing: pem, file: file), file: file)
    }

    /// Reads a PEM file.
    ///
    /// - Throws: ``SignatureError``.
    package init(readingFrom path: String) throws(SignatureError) {
        try self.init(try PEMBlock(readingFrom: path, isSecret: false), file: path)
    }

    private init(_ block: PEMBlock, file: String) throws(SignatureError) {
        try self.init(
            bytes: try block.key(label: Self.label, behind: Self.prefix, file: file), file: file)
    }

    /// SubjectPublicKeyInfo PEM.
    package var pem: String {
        PEMBlock(label: Self.label, bytes: Self.prefix + Array(key.rawRepresentation)).text
    }

    /// Whether the signature is this key's over exactly these bytes.
    package func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        key.isValidSignature(signature, for: message)
    }
}

extension VerificationKey: Hashable {
    package static func == (one: VerificationKey, other: VerificationKey) -> Bool {
        one.id == other.id
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
