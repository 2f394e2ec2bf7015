package import ArgumentParser
import KerasFormat
import ModelGraph
import OrderedJSON
import Pruning

/// `prune inspect`: what a model is made of, and what of it can be pruned.
package struct InspectCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show a network's layers, its channel groups, and what cannot be pruned and why.")

    @OptionGroup var options: ModelOptions

    @Flag(help: "Show every layer with its output, parameters and multiply-adds.")
    var layers = false

    @Flag(help: "Show the weights that each channel group runs through.")
    var members = false

    @Option(
        help: ArgumentHelp(
            "Layers to leave alone, as 'stem*'; may be repeated.", valueName: "pattern"))
    var protect: [String] = []

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func run() throws {
        let model = try options.read()
        let workshop = try Workshop(model)
        let prunable =
            protect.isEmpty
            ? workshop.prunable : try PrunableModel(model.graph, protecting: protect)
        let report = InspectReport(workshop: workshop, prunable: prunable)
        switch format {
        case .text:
            for line in report.lines(layers: layers, members: members) { print(line) }
        case .json: print(report.json.text(indent: 2))
        }
    }
}
