import Foundation
import Testing
import VariantStore

@Suite struct SigningKeyTests {
    /// Source: RFC 8410, section 10.
    static let privatePEM = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----

        """
    static let publicPEM = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PUBLIC KEY-----

        """

    static func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap { offset in
            UInt8(hex.dropFirst(offset).prefix(2), radix: 16)
        }
    }

    /// Source: RFC 8032, section 7.1, tests 1 to 3: secret key, public key, message, signature.
    @Test(arguments: [
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00",
        ],
        [
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a",
        ],
    ])
    func knownSignatures(vector: [String]) throws {
        let (message, signature) = (Self.bytes(vector[2]), Self.bytes(vector[3]))
        let key = try SigningKey(seed: Self.bytes(vector[0]))
        #expect(try key.verificationKey == VerificationKey(bytes: Self.bytes(vector[1])))
        #expect(try key.signature(of: message) == signature)
        #expect(key.verificationKey.isValid(signature, of: message))
        #expect(!key.verificationKey.isValid(signature, of: message + [0]))
        var other = signature
        other[63] ^= 0x10
        #expect(!key.verificationKey.isValid(other, of: message))
        #expect(!key.verificationKey.isValid(signature.dropLast(), of: message))
    }

    @Test func keysOfTheStandard() throws {
        let key = try SigningKey(pem: Self.privatePEM)
        let publicKey = try VerificationKey(pem: Self.publicPEM)
        #expect(key.verificationKey == publicKey)
        #expect(key.pem == Self.privatePEM)
        #expect(publicKey.pem == Self.publicPEM)
        // sha256sum of the DER bytes.
        let der = try #require(
            Data(base64Encoded: "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="))
        #expect(key.keyID == FileDigest(of: der).sha256)
        let windows = Self.privatePEM.replacingOccurrences(of: "\n", with: "\r\n")
        #expect(try SigningKey(pem: "\n" + windows).keyID == key.keyID)
    }

    @Test(arguments: [
        ("", SignatureError.Code.notPEM), ("no key", .notPEM), (privatePEM + "more", .notPEM),
        (privatePEM + privatePEM, .notPEM),
        (privatePEM.replacingOccurrences(of: "END PRIVATE", with: "END PUBLIC"), .notPEM),
        (privatePEM.replacingOccurrences(of: "MC4C", with: "M*4C"), .notPEM),
        (publicPEM, .otherKind(label: "PUBLIC KEY", expected: "PRIVATE KEY")),
        (privatePEM.replacingOccurrences(of: "PRIVATE", with: "ENCRYPTED PRIVATE"), .encrypted),
        // X25519 (1.3.101.110) in place of Ed25519.
        (privatePEM.replacingOccurrences(of: "AwBQYDK2Vw", with: "AwBQYDK2Vu"), .notEd25519),
        (privatePEM.replacingOccurrences(of: "dVhC", with: ""), .notEd25519),
    ])
    func badKeys(text: String, code: SignatureError.Code) {
        #expect(throws: SignatureError(code, file: "k.pem")) {
            try SigningKey(pem: text, file: "k.pem")
        }
    }

    @Test func publicKeysAreNoPrivateOnes() {
        #expect(
            throws: SignatureError(.otherKind(label: "PRIVATE KEY", expected: "PUBLIC KEY"))
        ) { try VerificationKey(pem: Self.privatePEM) }
    }

    /// Any byte may be wrong: never a crash, and never the same key by another spelling of the same length.
    @Test func everyChangedByte() throws {
        let original = Array(Self.privatePEM.utf8)
        for index in original.indices {
            for bit in 0..<8 {
                var changed = original
                changed[index] ^= 1 << bit
                guard let key = try? SigningKey(pem: String(decoding: changed, as: UTF8.self))
                else { continue }
                // White space may be of another kind; everything else is the key.
                #expect(key.pem != Self.privatePEM || original[index] == UInt8(ascii: "\n"))
            }
        }
    }

    @Test func newKeysDiffer() { #expect(SigningKey().keyID != SigningKey().keyID) }

    @Test func keysThatOthersMayReadAreRefused() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        try openssl.write("k.pem", Self.privatePEM.utf8)
        let path = openssl.path("k.pem")
        for mode: mode_t in [0o644, 0o604, 0o660, 0o602] {
            #expect(chmod(path, mode) == 0)
            #expect(throws: SignatureError(.exposed(mode: UInt32(mode)), file: path)) {
                try SigningKey(readingFrom: path)
            }
        }
        for mode: mode_t in [0o600, 0o400, 0o640] {
            #expect(chmod(path, mode) == 0)
            #expect(try SigningKey(readingFrom: path).pem == Self.privatePEM)
        }
        try openssl.write("large.pem", [UInt8](repeating: 0x20, count: 1 << 15))
        #expect(throws: SignatureError(.tooLarge(limit: 1 << 14), file: openssl.path("large.pem")))
        {
            try VerificationKey(readingFrom: openssl.path("large.pem"))
        }
        #expect(throws: SignatureError(.unreadable(errno: 2), file: openssl.path("none"))) {
            try SigningKey(readingFrom: openssl.path("none"))
        }
    }

    /// Keys and signatures that openssl made are ours too.
    @Test func keysOfOpenSSL() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        try #require(try openssl.run("genpkey", "-algorithm", "ed25519", "-out", "k.pem"))
        try #require(try openssl.run("pkey", "-in", "k.pem", "-pubout", "-out", "k.pub.pem"))
        try openssl.write("message", "a message".utf8)
        try #require(
            try openssl.run(
                "pkeyutl", "-sign", "-rawin", "-inkey", "k.pem", "-in", "message", "-out", "sig"))
        let key = try SigningKey(readingFrom: openssl.path("k.pem"))
        let publicKey = try VerificationKey(readingFrom: openssl.path("k.pub.pem"))
        #expect(key.verificationKey == publicKey)
        #expect(publicKey.isValid(try openssl.bytes("sig"), of: Array("a message".utf8)))
        #expect(try Array(key.pem.utf8) == openssl.bytes("k.pem"))
        #expect(try Array(publicKey.pem.utf8) == openssl.bytes("k.pub.pem"))
    }

    /// What we made, openssl accepts, and refuses for another message.
    @Test func openSSLChecksOurs() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let key = SigningKey()
        let payload = Array("{\"schemaVersion\":2}".utf8)
        let envelope = try SignatureEnvelope(
            parsing: key.envelope(payload: payload, payloadType: "application/x"))
        let entry = try #require(envelope.signatures.first)
        try openssl.write("k.pub.pem", key.verificationKey.pem.utf8)
        try openssl.write("sig", entry.signature)
        try openssl.write("message", Array("DSSEv1 13 application/x 19 ".utf8) + payload)
        try openssl.write("other", payload)
        for (message, isValid) in [("message", true), ("other", false)] {
            #expect(
                try openssl.run(
                    "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "k.pub.pem", "-in", message,
                    "-sigfile", "sig") == isValid)
        }
    }

    @Test func otherAlgorithmsOfOpenSSL() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        try #require(
            try openssl.run(
                "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                "p.pem"))
        #expect(throws: SignatureError(.notEd25519, file: openssl.path("p.pem"))) {
            try SigningKey(readingFrom: openssl.path("p.pem"))
        }
        try #require(
            try openssl.run(
                "genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:x", "-out", "e.pem"))
        #expect(throws: SignatureError(.encrypted, file: openssl.path("e.pem"))) {
            try SigningKey(readingFrom: openssl.path("e.pem"))
        }
    }
}
