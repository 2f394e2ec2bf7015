import Contexts
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Planning
import Pruning

/// Makes one variant: plans, realises, proves, writes.
struct VariantMaker: VariantRealizer {
    let workshop: Workshop
    let context: PruningContext
    let destination: String
    let options: OutputOptions
    let progress: Progress
    var timings = Timings()
    private var variant: Variant?

    init(
        workshop: Workshop, context: PruningContext, destination: String, options: OutputOptions,
        progress: Progress
    ) {
        self.workshop = workshop
        self.context = context
        self.destination = destination
        self.options = options
        self.progress = progress
    }

    private var settings: PruningOptions { context.profile.pruning }

    mutating func make() throws -> VariantReport {
        let result = try options.plan.map { try replay($0) } ?? plan()
        var report = VariantReport(
            context: context, result: result, workshop: workshop, destination: destination)
        report.timings = timings
        guard case .plan = result, let variant else { return report }
        report.folds = variant.pruned.folds
        report.latencySources = context.costModel.sourceShares(of: variant.summary)
        if !options.skipProof {
            progress.show("proving that the shrunk network equals the masked one")
            let proof = try timings.measure("proof") {
                try Proof(
                    masked: variant.masked, shrunk: variant.pruned.graph,
                    inputs: options.proofInputs)
            }
            report.proof = proof
            guard proof.holds else { return report }
        }
        if options.dryRun {
            variant.file.remove()
            return report
        }
        progress.show("writing \(destination)")
        try timings.measure("writing") {
            try writeBesides(variant.plan, variant)
            try variant.file.commit()
        }
        report.isWritten = true
        return report
    }

    /// The masked model and the plan: written first, so that the variant is the last to appear.
    private func writeBesides(_ plan: Plan, _ variant: Variant) throws {
        if let path = options.maskedOutput {
            try workshop.base.write(
                to: path, graph: variant.masked, as: try options.fileKind(),
                compression: settings.kerasCompression, overwrite: options.force)
        }
        if let path = options.savePlan {
            try PendingFile.write(plan.pruning.text, to: path, overwrite: options.force)
        }
    }

    private mutating func plan() throws -> PlanningResult {
        let importance = try timings.measure("importance") {
            // Where no channel may go, nobody asks what they are worth.
            settings.granularity.contains(.channel)
                ? try workshop.importance(context.criterion)
                : GroupImportance(criterion: context.criterion, scores: [])
        }
        let refiner = PlanRefiner(Planner(workshop.analysis, importance: importance))
        let start = ContinuousClock.now
        defer {
            let all = (ContinuousClock.now - start).seconds * 1000
            timings.add("planning", all - timings["making"])
        }
        return try refiner.plan(
            context.profile, costModel: context.costModel, file: workshop.fileSize(settings),
            realizer: &self)
    }

    private mutating func replay(_ path: String) throws -> PlanningResult {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.noInput, "\(path): no such plan, or it may not be read")
        }
        let pruning: PruningPlan
        do { pruning = try PruningPlan(parsing: data) } catch {
            throw CommandFailure(.badData, "\(path): \(error)")
        }
        let planner = Planner(
            workshop.analysis, importance: try workshop.importance(context.criterion))
        var plan = try planner.replaying(
            pruning, for: context.profile, costModel: context.costModel)
        let summary = try realize(plan)
        plan.costs = context.costModel.costs(of: summary)
        plan.lines = context.profile.limits.check(plan.costs, base: plan.base)
        plan.isRealized = true
        variant?.plan = plan
        return .plan(plan)
    }

    mutating func realize(_ plan: Plan) throws -> WorkloadSummary {
        variant?.file.remove()
        progress.show(
            "making a variant with \(Measure.percent(plan.importanceKept)) of the importance")
        // Without leave to write at the destination, a dry run weighs its variant elsewhere.
        let place =
            options.dryRun
            ? FileManager.default.temporaryDirectory.appendingPathComponent("prune-dry-run").path
            : destination
        let made = try timings.measure("making") {
            try workshop.make(
                plan, at: place, kind: try options.fileKind(), options: settings,
                overwrite: options.force || options.dryRun)
        }
        variant = made
        return made.summary
    }
}
