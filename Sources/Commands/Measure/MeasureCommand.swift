package import ArgumentParser
import Contexts
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON

/// `prune measure`: makes a profile of this machine.
package struct MeasureCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Measure this machine with networks, and write a profile with a latency table.",
        discussion: """
            prune measure --model network.h5 --output this-machine.yaml

            Each network is run with many widths of its layers, and every layer is timed where it stands. The table goes to \
            tables/ beside the profile. A run that breaks off is taken up by the same command.
            """)

    @Option(
        name: [.long, .short],
        help: "A network whose layers are measured; may be repeated.", completion: .file())
    var model: [String]

    @Option(
        help: ArgumentHelp(
            "The size of the input where a network leaves it open, as 224x224x3.",
            valueName: "size"))
    var inputShape: String?

    @Option(
        name: [.long, .short],
        help: ArgumentHelp("The profile to write; NAME.yaml by default.", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        help: "The profile's name: lower-case letters, digits, hyphens; the file's by default.")
    var name: String?

    @Option(help: "Threads that the engine may use.")
    var threads = 1

    @Flag(help: "Fewer widths and repetitions: seconds instead of minutes, and rougher.")
    var quick = false

    @Flag(
        help:
            "Only time the networks in turn, and hold them against the profile that is given; write nothing."
    )
    var onlyLatency = false

    @Option(
        help: ArgumentHelp(
            "With --only-latency: the profile whose predictions are compared.", valueName: "file"),
        completion: .file())
    var profile: String?

    @Flag(name: [.long, .short], help: "Replace files that are there.")
    var force = false

    @Flag(name: .long, help: "Show no progress.")
    var quiet = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads \(threads): must be from 1 to 256.")
        }
        guard onlyLatency || profile == nil else {
            throw ValidationError("--profile goes with --only-latency.")
        }
    }

    package func run() throws {
        let progress = Progress(isQuiet: quiet || format == .json)
        defer { progress.clear() }
        if onlyLatency {
            let costModel = try profile.map { try ProfileFile(path: $0).costModel }
            let race = LatencyRace(threads: threads, isQuick: quick, costModel: costModel)
            let entries = try race.run(try models(progress), progress: progress)
            progress.clear()
            switch format {
            case .text: for line in LatencyRace.lines(entries) { print(line) }
            case .json: print(LatencyRace.json(entries).text(indent: 2))
            }
            return
        }
        let session = try MeasureSession(
            files: try MeasureFiles(output: output, name: name, overwrites: force),
            models: try models(progress), threads: threads, isQuick: quick, progress: progress)
        let report = try session.run()
        progress.clear()
        switch format {
        case .text: for line in report.lines { print(line) }
        case .json: print(report.json.text(indent: 2))
        }
    }

    /// Reads the networks and names each by its file.
    private func models(_ progress: Progress) throws -> [(name: String, model: KerasModel)] {
        let shape = try inputShape.map(ModelOptions.shape)
        var names: [String: Int] = [:]
        return try model.map { path in
            progress.show("reading \(path)")
            var model = try KerasModel.read(path: path, topology: nil)
            try model.checkFinite()
            if let shape {
                guard model.graph.inputs.count == 1 else {
                    throw CommandFailure(
                        .usage, "--input-shape: \(path) has \(model.graph.inputs.count) inputs")
                }
                model.graph.assumedInputs = [shape]
            }
            let stem = OutputOptions.stem(path)
            names[stem, default: 0] += 1
            let number = names[stem] ?? 1
            return (number == 1 ? stem : "\(stem)-\(number)", model)
        }
    }
}
