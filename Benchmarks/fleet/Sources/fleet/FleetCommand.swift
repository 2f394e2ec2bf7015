import ArgumentParser
import FleetSimulation
import Foundation
import RuntimeAdapter

/// `fleet`: replays a fleet against the adapter.
@main
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Replay a fleet of devices against the runtime adapter, on a clock of its own.",
        subcommands: [CompareCommand.self, SensitivityCommand.self, CapacityCommand.self])
}

/// What all subcommands take.
struct FleetArguments: ParsableArguments {
    @Option(help: "The store's folder.")
    var store: String

    @Option(help: "The family to serve.")
    var family = "vgg"

    @Option(help: "Clients in the fleet.")
    var clients = 2000

    @Option(help: "How many fleets, each of a seed of its own.")
    var seeds = 10

    @Option(help: "So many times as large are the networks as those in the store.")
    var scale = 1.0

    @Option(help: "Only the policies whose names have this in them.")
    var policy: String?

    @Option(help: "Where the CSV files go.")
    var output = "."

    /// The fleets to run.
    func experiment() throws -> Experiment {
        Experiment(
            catalogue: try VariantCatalogue(store: store), family: family, seeds: max(1, seeds))
    }

    /// Those of the given policies that are asked for.
    func chosen(_ policies: [Policy]) -> [Policy] {
        policies.filter { policy.map($0.rawValue.contains) ?? true }
    }

    /// The world to run them in.
    var options: WorldOptions {
        var options = WorldOptions()
        options.clients = max(1, clients)
        options.networkScale = max(0.001, scale)
        return options
    }

    /// Writes a file into the folder for results.
    func write(_ lines: [String], to name: String) throws {
        let folder = URL(filePath: output)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(
            to: folder.appending(path: name))
    }
}

extension Double {
    /// Fixed decimals, the same in every locale.
    func text(_ decimals: Int) -> String { String(format: "%.\(decimals)f", self) }
}
