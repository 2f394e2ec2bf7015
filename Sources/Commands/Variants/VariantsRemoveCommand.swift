import ArgumentParser
import VariantStore

/// `prune variants remove`: takes versions out of a store.
struct VariantsRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove variants; their bytes go with the next prune variants gc.",
        discussion: """
            prune variants remove fashion-resnet/phone-4g:v1 fashion-resnet/phone-4g:v2

            What a tag other than latest names stays, and the status is 1; --force removes the tag with it. All are \
            removed or none. A version's number is never used again.
            """)

    @Argument(help: ArgumentHelp("Variants by version, tag or digest.", valueName: "variant"))
    var references: [String]

    @OptionGroup var store: StoreOptions

    @Flag(name: [.long, .short], help: "Also remove what is tagged.")
    var force = false

    @Flag(help: "Say what would be removed, and remove nothing.")
    var dryRun = false

    init() {}

    func run() throws {
        let directory = try store.open()
        var versions: [VariantVersion] = []
        for text in references {
            // A whole line is easily named by mistake.
            if text.contains("/"), !text.contains(":") {
                throw CommandFailure(
                    .usage, "\(text): which version? Name it, as \(text):v1 or \(text):latest")
            }
            let version = try directory.variant(text)
            if !versions.contains(version) { versions.append(version) }
        }
        let removed = try directory.remove(versions, force: force, dryRun: dryRun)
        for version in removed {
            print("\(dryRun ? "Would remove" : "Removed") \(version.text).")
        }
    }
}
