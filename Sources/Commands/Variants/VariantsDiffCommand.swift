import ArgumentParser
import OrderedJSON
import VariantStore

/// `prune variants diff`: compares two variants.
struct VariantsDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two variants: size, latency, accuracy, budget, widths.",
        discussion: """
            prune variants diff fashion-resnet/phone-4g:champion fashion-resnet/phone-4g

            Latency is predicted in the context of either's profile, and shown as measured where both were measured \
            on the same machine.
            """)

    @Argument(help: ArgumentHelp("The variant to compare with.", valueName: "before"))
    var before: String

    @Argument(help: ArgumentHelp("The variant to compare.", valueName: "after"))
    var after: String

    @OptionGroup var store: StoreOptions

    @Flag(help: "End with status 1 if the variants differ.")
    var exitCode = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    init() {}

    func run() throws {
        let directory = try store.open()
        let comparison = VariantComparison(
            before: try StoredVariant(try directory.variant(before), in: directory),
            after: try StoredVariant(try directory.variant(after), in: directory))
        switch format {
        case .text: printLines(comparison.lines)
        case .json: print(try comparison.json().text(indent: 2))
        }
        if exitCode, !comparison.isSame { throw ExitCode(ExitStatus.no.rawValue) }
    }
}
