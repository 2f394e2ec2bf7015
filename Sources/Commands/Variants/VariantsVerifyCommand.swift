import ArgumentParser
import OrderedJSON
import VariantStore

/// `prune variants verify`: checks a store's content and signatures.
struct VariantsVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every byte of a store, or of single variants, and who signed them.",
        discussion: """
            prune variants verify fashion-resnet/phone-4g --key release.pub.pem --require-signature

            Each blob is digested, and each manifest, annotation and name held against what it speaks of. The status \
            is 0 if everything holds and 1 if something does not. A signature over other bytes, or one that is not \
            of the key that it names, never holds. (prune verify repeats the proof of a variant that was exported.)
            """)

    @Argument(help: ArgumentHelp("Variants; the whole store by default.", valueName: "variant"))
    var references: [String] = []

    @OptionGroup var store: StoreOptions

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "A public key, as PEM, whose signatures count; may stand several times.",
            valueName: "file"), completion: .file(extensions: ["pem"]))
    var key: [String] = []

    @Flag(help: "Refuse what none of the keys has signed.")
    var requireSignature = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    init() {}

    func run() throws {
        let policy = try policy()
        let directory = try store.open()
        let versions = try references.map { text throws in try directory.variant(text) }
        let report = try directory.verify(
            versions.isEmpty ? .all : .versions(versions), policy: policy)
        let findings = report.findings.map(\.sentence)
        switch format {
        case .text:
            let signed =
                policy == nil ? "" : ", \(report.signed) of them signed by a key that counts"
            print(
                "\(Self.count(report.versions, "variant"))\(signed); \(Self.count(report.bases, "base")); "
                    + "\(Self.count(report.blobs, "blob")), \(Measure.bytes(report.byteCount)).")
            print(report.holds ? "All of it holds." : "Does not hold.")
        case .json:
            let json: JSON = [
                "store": .string(directory.path), "holds": .bool(report.holds),
                "variants": .integer(report.versions),
                "signed": policy == nil ? .null : .integer(report.signed),
                "bases": .integer(report.bases), "blobs": .integer(report.blobs),
                "bytes": .integer(report.byteCount),
                "findings": .array(report.findings.map(\.json)),
            ]
            print(json.text(indent: 2))
        }
        if !report.holds {
            throw CommandFailure(.no, findings.map(\.printable).joined(separator: "\n"))
        }
    }

    /// nil if signatures are not asked for.
    private func policy() throws -> SignaturePolicy? {
        if requireSignature, key.isEmpty {
            throw CommandFailure(
                .usage, "--require-signature: whose? Give public keys by --key")
        }
        guard !key.isEmpty else { return nil }
        return SignaturePolicy(
            keys: try key.map { path throws in try VerificationKey(readingFrom: path) },
            requiresSignature: requireSignature)
    }

    private static func count(_ number: Int, _ word: String) -> String {
        "\(number) \(word)\(number == 1 ? "" : "s")"
    }
}
