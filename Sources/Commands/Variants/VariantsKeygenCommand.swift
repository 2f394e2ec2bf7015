import ArgumentParser
import KerasFormat
import VariantStore

/// `prune variants keygen`: makes a pair of keys.
struct VariantsKeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make an Ed25519 key to sign with, and the one to check with.",
        discussion: """
            prune variants keygen --output release

            Writes release.pem, which only its owner may read, and release.pub.pem, which anyone may have. \
            Files that are there are never replaced.
            """)

    @Option(
        name: [.long, .short],
        help: ArgumentHelp("What the files are called, without ending.", valueName: "name"))
    var output: String

    init() {}

    func run() throws {
        let key = SigningKey()
        let (secret, open) = (output + ".pem", output + ".pub.pem")
        try PendingFile.commit(together: [
            try PendingFile.stage(key.pem.utf8, for: secret, overwrite: false, mode: 0o600),
            try PendingFile.stage(key.verificationKey.pem.utf8, for: open, overwrite: false),
        ])
        print("Wrote \(secret), to sign with, and \(open), to check with; key \(key.keyID).")
    }
}
