import ArgumentParser
import VariantStore

/// `prune variants sign`: signs a variant or a base.
struct VariantsSignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign variants or bases with an Ed25519 key.",
        discussion: """
            prune variants sign fashion-resnet/phone-4g:v3 --key release.pem

            The signature is over the manifest, which names every blob by its digest, and lies beside it in the \
            store. Keys are those of openssl genpkey -algorithm ed25519, or of prune variants keygen.
            """)

    @Argument(help: ArgumentHelp("Variants or bases.", valueName: "variant"))
    var references: [String]

    @OptionGroup var store: StoreOptions

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "The private key, as PEM; others than its owner and group must not be able to read it.",
            valueName: "file"), completion: .file(extensions: ["pem"]))
    var key: String

    init() {}

    func run() throws {
        let signer = try SigningKey(readingFrom: key)
        let directory = try store.open()
        let digests = try references.map { text throws in try directory.digest(text) }
        for (text, digest) in zip(references, digests) {
            let manifest = try directory.content(
                of: digest, limit: ArtifactManifest.largestByteCount)
            try directory.attach(
                try StoreDirectory.signature(of: manifest, by: signer), to: digest)
            print("Signed \(text), \(digest.text), by key \(signer.keyID).")
        }
    }
}
