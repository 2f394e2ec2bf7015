import OrderedJSON
import VariantStore

extension VerificationFinding {
    /// The finding in one sentence that begins with its place.
    var sentence: String { "\(place): \(words)" }

    private var words: String {
        switch fault {
        case .missingBlob(let digest): "the store lacks \(digest.text)"
        case .damagedBlob(let digest, let actual):
            "\(digest.text) is damaged: its digest is \(actual.text)"
        case .wrongSize(let digest, let expected, let actual):
            "\(digest.text) has \(actual) bytes, where \(expected) are announced"
        case .unreadableBlob(let digest, let error):
            "\(digest.text) cannot be read: \(CommandFailure(error).message)"
        case .damagedArtifact(let error): "damaged: \(CommandFailure(error).message)"
        case .damagedRecord(let error): CommandFailure(error).message
        case .contradiction(let key, let expected, let actual):
            "'\(key)' says \(actual.map { "'\($0)'" } ?? "nothing"), where the content says '\(expected)'"
        case .danglingTag(let tag): "the tag '\(tag)' names no version"
        case .repeatedName(let name): "the name '\(name)' stands twice in the index"
        case .signature(let verdict): verdict.words
        }
    }

    /// For programs.
    var json: JSON {
        ["place": .string(place), "fault": .string(code), "finding": .string(words)]
    }

    private var code: String {
        switch fault {
        case .missingBlob: "missing-blob"
        case .damagedBlob: "damaged-blob"
        case .wrongSize: "wrong-size"
        case .unreadableBlob: "unreadable-blob"
        case .damagedArtifact: "damaged-artifact"
        case .damagedRecord: "damaged-record"
        case .contradiction: "contradiction"
        case .danglingTag: "dangling-tag"
        case .repeatedName: "repeated-name"
        case .signature: "signature"
        }
    }
}

extension SignatureVerdict {
    /// What signatures say, as the end of a sentence.
    var words: String {
        switch self {
        case .valid(let keys): "signed by key \(keys.joined(separator: ", "))"
        case .unsigned: "not signed"
        case .unknownKeys(let keys):
            keys.isEmpty
                ? "signed by none of the keys that were given"
                : "signed by none of the keys that were given, but by \(keys.joined(separator: ", "))"
        case .wrong(.otherPayload): "the signature is over another manifest"
        case .wrong(.otherType(let type)): "the signature is over something of type '\(type)'"
        case .wrong(.badSignature(let key)): "the signature is not of key \(key), which it names"
        case .wrong(.malformed): "the signature is no DSSE envelope with Ed25519 signatures"
        }
    }
}
