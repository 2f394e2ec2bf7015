/// Whose signatures count, and whether there must be one.
package struct SignaturePolicy: Sendable, Hashable {
    package var keys: [VerificationKey]
    /// Whether what none of the keys has signed is refused.
    package var requiresSignature: Bool

    /// A policy without keys that insists on a signature accepts nothing.
    package init(keys: [VerificationKey], requiresSignature: Bool) {
        self.keys = keys
        self.requiresSignature = requiresSignature
    }

    /// Whether content with this verdict may be used.
    package func accepts(_ verdict: SignatureVerdict) -> Bool {
        switch verdict {
        case .valid: true
        case .unsigned, .unknownKeys: !requiresSignature
        case .wrong: false
        }
    }

    /// What the envelopes say about a payload, all together.
    ///
    /// One valid signature is enough, whatever else is there: anyone may put more envelopes beside it. A signature
    /// counts for the exact bytes only; the names that envelopes give to keys are hints.
    ///
    /// - Parameter envelopes: the stored form of each.
    package func check(
        payload: [UInt8], payloadType: String, envelopes: [[UInt8]]
    ) -> SignatureVerdict {
        let message = SignatureEnvelope.signedBytes(payload: payload, payloadType: payloadType)
        var valid: Set<String> = []
        var unknown: Set<String> = []
        var fault: SignatureFault?
        for bytes in envelopes {
            do throws(SignatureEnvelope.Malformed) {
                let envelope = try SignatureEnvelope(parsing: bytes)
                guard envelope.payloadType == payloadType else {
                    fault = fault ?? .otherType(envelope.payloadType)
                    continue
                }
                guard envelope.payload == payload else {
                    fault = fault ?? .otherPayload
                    continue
                }
                for entry in envelope.signatures {
                    switch judge(entry, message: message) {
                    case .valid(let key): valid.insert(key)
                    case .unknown(let hint): unknown.insert(hint)
                    case .bad(let key): fault = fault ?? .badSignature(keyID: key)
                    }
                }
            } catch {
                fault = fault ?? .malformed(error)
            }
        }
        if !valid.isEmpty { return .valid(keyIDs: valid.sorted()) }
        if let fault { return .wrong(fault) }
        return envelopes.isEmpty ? .unsigned : .unknownKeys(unknown.filter { !$0.isEmpty }.sorted())
    }

    private enum Judgement {
        case valid(String)
        case unknown(String)
        case bad(String)
    }

    private func judge(_ entry: SignatureEnvelope.Entry, message: [UInt8]) -> Judgement {
        if let key = keys.first(where: { $0.isValid(entry.signature, of: message) }) {
            return .valid(key.id)
        }
        let hint = entry.keyID ?? ""
        return keys.contains { $0.id == hint } ? .bad(hint) : .unknown(hint)
    }
}

/// What signatures say about a payload.
package enum SignatureVerdict: Sendable, Hashable {
    /// Signed by these keys of the policy, in order.
    case valid(keyIDs: [String])
    /// There is no envelope.
    case unsigned
    /// Signed only by keys that the policy does not have; their names, as far as the envelopes give them.
    case unknownKeys([String])
    /// No signature is valid, and this is wrong with one.
    case wrong(SignatureFault)
}

/// What is wrong with a signature.
package enum SignatureFault: Sendable, Hashable {
    /// It is over other bytes.
    case otherPayload
    /// It is over bytes of another type.
    case otherType(String)
    /// It claims to be of a key of the policy, and is not.
    case badSignature(keyID: String)
    /// The envelope is none.
    case malformed(SignatureEnvelope.Malformed)
}
