package import ArgumentParser
import Contexts
import Datasets
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Planning
import Pruning

/// `prune prune`, the default: makes variants of a model for profiles.
package struct PruneCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Prune a network so that it fits profiles (the default command).",
        discussion: """
            The variant is written to the current folder under the names of the model and the profile, as \
            network.phone-4g.h5, unless --output says otherwise; with --store, it is published as the next version of \
            network/phone-4g instead. If a budget cannot be met, nothing is written and the status is 1.
            """)

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "What to prune for") var targets: TargetOptions
    @OptionGroup(title: "Proof") var proof: ProofOptions
    @OptionGroup(title: "Data") var data: ProofDataOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Store") var publishing: PublishingOptions

    @Option(
        help: ArgumentHelp(
            "Where what was measured on the calibration data is kept for later profiles: read if it is there, else written.",
            valueName: "file"), completion: .file())
    var analysis: String?

    package init() {}

    package mutating func validate() throws {
        try targets.validate(hasPlan: output.plan != nil)
        if analysis != nil, data.calibration == nil {
            throw ValidationError("--analysis keeps what is measured on data; give --calibration.")
        }
        if publishing.store != nil {
            let files = [
                ("--output", output.output != nil), ("--save-plan", output.savePlan != nil),
                ("--masked-output", output.maskedOutput != nil),
            ]
            if let option = files.first(where: \.1)?.0 {
                throw ValidationError("\(option) names a file; it does not go with --store.")
            }
        }
    }

    package func run() throws {
        let start = ContinuousClock.now
        let progress = Progress(isQuiet: output.quiet || output.format == .json)
        defer { progress.clear() }
        let contexts = try targets.contexts()
        progress.show("reading \(model.model)")
        var timings = Timings()
        let base = try timings.measure("reading") { try model.read() }
        progress.show("analysing \(base.graph.layers.count) layers")
        let workshop = try timings.measure("analysis") { try Workshop(base) }
        _ = workshop.digest
        let publisher = output.dryRun ? nil : try publishing.publisher(for: model.model)
        var destinations: [(any VariantDestination)?] =
            publisher == nil ? try output.destinations(for: contexts, of: workshop) : []
        let bench = try Bench(
            workshop, try benchData(for: base.graph),
            analysis: analysis.map { AnalysisFile.Place.file($0, overwrite: output.force) })
        if let publisher {
            let ending = OutputOptions.ending(of: model.model, as: try output.fileKind())
            destinations = try contexts.map {
                try publisher.destination(
                    for: $0, on: bench, ending: ending, plan: output.plan)
            }
        }
        let warnings = try bench.warnings(progress: progress)

        var reports: [VariantReport] = []
        for (context, destination) in zip(contexts, destinations) {
            let began = reports.isEmpty ? start : ContinuousClock.now
            progress.show("planning for \(context.profile.name)")
            var maker = VariantMaker(
                workshop: workshop, context: context, destination: destination,
                options: try output.making(), evidence: bench.evidence, progress: progress)
            maker.timings = timings
            timings = Timings()
            var report = try maker.make()
            report.seconds = (ContinuousClock.now - began).seconds
            reports.append(report)
        }
        progress.clear()
        switch output.format {
        case .text:
            print(reports.map { $0.lines.joined(separator: "\n") }.joined(separator: "\n\n"))
        case .json:
            print(PruneReport.json(workshop, reports, warnings: warnings).text(indent: 2))
        }
        for warning in warnings where output.format == .text { print("warning: \(warning)") }
        for note in base.notes where output.format == .text { print("note: \(note)") }
        let failures = reports.compactMap(\.failure)
        if !failures.isEmpty {
            throw CommandFailure(.no, failures.joined(separator: "\n"))
        }
    }

    private func benchData(for graph: ModelGraph) throws -> Bench.Data {
        let labelled = try data.labelled(for: graph)
        if labelled != nil, labelled?.labels == nil {
            throw CommandFailure(
                .usage,
                "--data \(data.data.data ?? ""): has no labels; give them by --labels, or give it as --calibration"
            )
        }
        return Bench.Data(
            calibration: try data.calibrating(for: graph),
            calibrationSamples: data.calibrationSamples,
            scored: try labelled ?? data.compared(for: graph),
            seed: UInt64(proof.inputOptions.seed),
            proofInputs: proof.skipProof ? 0 : proof.inputOptions.proofInputs)
    }
}
