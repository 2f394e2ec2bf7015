import Foundation
import Testing
import VariantStore

@Suite struct SignaturePolicyTests {
    static let type = "application/vnd.oci.image.manifest.v1+json"
    static let payload = Array(#"{"schemaVersion":2}"#.utf8)

    let mine = SigningKey()
    let other = SigningKey()

    private func policy(insists: Bool = true) -> SignaturePolicy {
        SignaturePolicy(keys: [mine.verificationKey], requiresSignature: insists)
    }

    private func verdict(_ envelopes: [[UInt8]], keys: [SigningKey]? = nil) -> SignatureVerdict {
        var policy = policy()
        if let keys { policy.keys = keys.map(\.verificationKey) }
        return policy.check(payload: Self.payload, payloadType: Self.type, envelopes: envelopes)
    }

    @Test func signedByAKeyOfTheSet() throws {
        let envelope = try mine.envelope(payload: Self.payload, payloadType: Self.type)
        #expect(verdict([envelope]) == .valid(keyIDs: [mine.keyID]))
        #expect(try mine.envelope(payload: Self.payload, payloadType: Self.type) == envelope)
        let both = try other.envelope(payload: Self.payload, payloadType: Self.type)
        #expect(
            verdict([envelope, both], keys: [mine, other])
                == .valid(keyIDs: [mine.keyID, other.keyID].sorted()))
    }

    @Test func unsigned() { #expect(verdict([]) == .unsigned) }

    @Test func signedByOthersOnly() throws {
        let envelope = try other.envelope(payload: Self.payload, payloadType: Self.type)
        #expect(verdict([envelope]) == .unknownKeys([other.keyID]))
        #expect(verdict([envelope], keys: []) == .unknownKeys([other.keyID]))
    }

    /// A signature over another manifest never counts, whoever made it.
    @Test func overOtherBytes() throws {
        let payload = Array(#"{"schemaVersion":3}"#.utf8)
        let envelope = try mine.envelope(payload: payload, payloadType: Self.type)
        #expect(verdict([envelope]) == .wrong(.otherPayload))
        // The same signature in an envelope that claims to be over this payload.
        var moved = try SignatureEnvelope(parsing: envelope)
        moved.payload = Self.payload
        #expect(verdict([moved.encoded()]) == .wrong(.badSignature(keyID: mine.keyID)))
        let typed = try mine.envelope(payload: Self.payload, payloadType: "text/plain")
        #expect(verdict([typed]) == .wrong(.otherType("text/plain")))
        var retyped = try SignatureEnvelope(parsing: typed)
        retyped.payloadType = Self.type
        #expect(verdict([retyped.encoded()]) == .wrong(.badSignature(keyID: mine.keyID)))
    }

    /// The name of a key in an envelope proves nothing and hinders nothing.
    @Test func namesAreHints() throws {
        let envelope = try mine.envelope(payload: Self.payload, payloadType: Self.type)
        var nameless = try SignatureEnvelope(parsing: envelope)
        nameless.signatures[0].keyID = nil
        #expect(verdict([nameless.encoded()]) == .valid(keyIDs: [mine.keyID]))
        nameless.signatures[0].keyID = other.keyID
        #expect(verdict([nameless.encoded()]) == .valid(keyIDs: [mine.keyID]))
        var forged = try SignatureEnvelope(
            parsing: other.envelope(payload: Self.payload, payloadType: Self.type))
        forged.signatures[0].keyID = mine.keyID
        #expect(verdict([forged.encoded()]) == .wrong(.badSignature(keyID: mine.keyID)))
        forged.signatures[0].keyID = nil
        #expect(verdict([forged.encoded()]) == .unknownKeys([]))
    }

    /// Whoever puts rubbish beside a valid signature does not take it away.
    @Test func oneValidSignatureIsEnough() throws {
        let envelope = try mine.envelope(payload: Self.payload, payloadType: Self.type)
        let rubbish = Array("{}".utf8)
        #expect(verdict([rubbish]) == .wrong(.malformed(.notAnEnvelope)))
        for envelopes in [[rubbish, envelope], [envelope, rubbish]] {
            #expect(verdict(envelopes) == .valid(keyIDs: [mine.keyID]))
        }
    }

    @Test func whatPoliciesAccept() {
        let verdicts: [(SignatureVerdict, insisting: Bool, lenient: Bool)] = [
            (.valid(keyIDs: [mine.keyID]), true, true), (.unsigned, false, true),
            (.unknownKeys([]), false, true), (.wrong(.otherPayload), false, false),
        ]
        for (verdict, insisting, lenient) in verdicts {
            #expect(policy().accepts(verdict) == insisting)
            #expect(policy(insists: false).accepts(verdict) == lenient)
        }
    }

    /// One changed byte anywhere in the stored form: never valid by another route, never a crash.
    @Test func everyChangedByte() throws {
        let envelope = try mine.envelope(payload: Self.payload, payloadType: Self.type)
        let original = try SignatureEnvelope(parsing: envelope)
        for index in envelope.indices {
            var changed = envelope
            changed[index] ^= 1
            guard case .valid = verdict([changed]) else { continue }
            // Only the key's name and the last digits of base64, of which some bits do not count, may differ.
            let parsed = try SignatureEnvelope(parsing: changed)
            #expect(parsed.payload == original.payload)
            #expect(parsed.payloadType == original.payloadType)
            #expect(parsed.signatures.map(\.signature) == original.signatures.map(\.signature))
        }
    }
}
