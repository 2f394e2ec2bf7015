import ArgumentParser
import OrderedJSON
import VariantStore

/// `prune variants show`: all that is known of a variant.
struct VariantsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Show a variant: where it comes from, its costs, widths, accuracy, proof, signatures.",
        discussion: "prune variants show fashion-resnet/phone-4g:champion")

    @Argument(help: ArgumentHelp("The variant.", valueName: "variant"))
    var reference: String

    @OptionGroup var store: StoreOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    init() {}

    func run() throws {
        let directory = try store.open()
        let variant = try StoredVariant(try directory.variant(reference), in: directory)
        switch format {
        case .text: printLines(variant.lines)
        case .json: print(try variant.json().text(indent: 2))
        }
    }
}
