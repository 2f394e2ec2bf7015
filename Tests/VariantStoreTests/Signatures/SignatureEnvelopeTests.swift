import Foundation
import Testing
import VariantStore

@Suite struct SignatureEnvelopeTests {
    /// Source: DSSE, `protocol.md`, "Test Vectors"; its signature is of another algorithm.
    static let example = """
        {"payload": "aGVsbG8gd29ybGQ=",
         "payloadType": "http://example.com/HelloWorld",
         "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}
        """

    static func malformed(_ text: String) -> SignatureEnvelope.Malformed? {
        do {
            _ = try SignatureEnvelope(parsing: Array(text.utf8))
            return nil
        } catch { return error }
    }

    @Test func exampleOfTheSpecification() throws {
        let envelope = try SignatureEnvelope(parsing: Array(Self.example.utf8))
        #expect(envelope.payloadType == "http://example.com/HelloWorld")
        #expect(envelope.payload == Array("hello world".utf8))
        #expect(envelope.signatures.map(\.keyID) == [nil])
        #expect(envelope.signatures.first?.signature.count == 64)
        #expect(
            SignatureEnvelope.signedBytes(
                payload: envelope.payload, payloadType: envelope.payloadType)
                == Array("DSSEv1 29 http://example.com/HelloWorld 11 hello world".utf8))
        #expect(try SignatureEnvelope(parsing: envelope.encoded()) == envelope)
    }

    /// Both alphabets of base64 are allowed.
    @Test func addressSafeBase64() throws {
        let other = Self.example.replacingOccurrences(of: "F+FnZ+O8", with: "F-FnZ-O8")
        #expect(
            try SignatureEnvelope(parsing: Array(other.utf8))
                == SignatureEnvelope(parsing: Array(Self.example.utf8)))
    }

    @Test func storedForm() throws {
        let envelope = SignatureEnvelope(
            payloadType: "a\"\\\u{1}ü/b", payload: [1, 2, 3],
            signatures: [.init(keyID: "k", signature: [9]), .init(keyID: nil, signature: [])])
        #expect(
            String(decoding: envelope.encoded(), as: UTF8.self)
                == #"{"payload":"AQID","payloadType":"a\"\\\u0001ü/b","signatures":[{"keyid":"k","sig":"CQ=="},{"sig":""}]}"#
        )
        #expect(try SignatureEnvelope(parsing: envelope.encoded()) == envelope)
    }

    @Test(arguments: [
        ("", SignatureEnvelope.Malformed.notAnEnvelope), ("[]", .notAnEnvelope),
        ("{}", .notAnEnvelope),
        (#"{"payload": "", "payloadType": "t", "signatures": {}}"#, .notAnEnvelope),
        (#"{"payload": "", "payloadType": "t", "signatures": [{}]}"#, .notAnEnvelope),
        (#"{"payload": "*", "payloadType": "t", "signatures": [{"sig": ""}]}"#, .payload),
        (#"{"payload": "", "payloadType": "t", "signatures": []}"#, .signatureCount(0)),
        (
            #"{"payload": "", "payloadType": "t", "signatures": [{"sig": ""}, {"sig": "a"}]}"#,
            .signature(index: 1)
        ),
    ])
    func malformedOnes(text: String, fault: SignatureEnvelope.Malformed) {
        #expect(Self.malformed(text) == fault)
    }

    @Test func limits() {
        let entries = Array(repeating: #"{"sig": ""}"#, count: 65).joined(separator: ",")
        #expect(
            Self.malformed(#"{"payload": "", "payloadType": "t", "signatures": [\#(entries)]}"#)
                == .signatureCount(65))
        #expect(Self.malformed(String(repeating: " ", count: (1 << 23) + 1)) == .tooLarge)
        #expect(Self.malformed(String(repeating: "[", count: 100_000)) == .notAnEnvelope)
    }
}
