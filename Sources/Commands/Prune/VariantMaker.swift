import Contexts
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Planning
import Pruning
import VariantStore

/// Makes one variant: plans, realises, proves, writes.
struct VariantMaker: VariantRealizer {
    /// What variants are run on.
    struct Evidence: Sendable {
        /// For the proof; nil for none.
        var proofInputs: (any ProofInputs)?
        /// For accuracy and agreement; nil without data.
        var scoring: Scoring?
        /// On what channels are weighed and kernels fitted; nil for no data.
        var calibration: Calibration?
    }

    /// How it is made.
    struct Options {
        /// nil for the model's own.
        var kind: KerasFileKind?
        /// The file of a plan to carry out in place of planning.
        var plan: String?
        /// Whether the variant and the base are timed on this machine.
        var measuresLatency = true
        /// Whether plain magnitude pruning to the same budget is tried beside it, where there is data.
        var comparesPlain = true
    }

    let workshop: Workshop
    let context: PruningContext
    /// Where the variant goes; nil for a dry run, which weighs it and throws it away.
    let destination: (any VariantDestination)?
    let options: Options
    let evidence: Evidence
    let progress: Progress
    var timings = Timings()
    private var variant: Variant?

    init(
        workshop: Workshop, context: PruningContext, destination: (any VariantDestination)?,
        options: Options, evidence: Evidence, progress: Progress
    ) {
        self.workshop = workshop
        self.context = context
        self.destination = destination
        self.options = options
        self.evidence = evidence
        self.progress = progress
    }

    var settings: PruningOptions { context.profile.pruning }

    mutating func make() throws -> VariantReport {
        let result = try options.plan.map { try replay($0) } ?? plan()
        var report = VariantReport(
            context: context, result: result, workshop: workshop,
            destination: destination?.path ?? "")
        report.timings = timings
        guard case .plan(let plan) = result else {
            report.scores = variant?.scores
            return report
        }
        report.scores = try scores()
        guard let variant else { return report }
        report.folds = variant.pruned.folds
        report.latencySources = context.costModel.sourceShares(of: variant.summary)
        report.fits = variant.pruned.recovery ?? []
        report.merges = variant.pruned.recoveries
        report.plain = try plainScores(of: variant)
        let proof = try evidence.proofInputs.map { try prove(variant, on: $0) } ?? Proof.skipped
        report.proof = proof
        guard proof.holds else { return report }
        if options.measuresLatency {
            progress.show("measuring")
            report.latency = try timings.measure("measuring") { try measure(variant) }
        }
        guard let destination else {
            variant.file.remove()
            return report
        }
        progress.show("writing \(destination.path)")
        try timings.measure("writing") {
            let manifest = try manifest(
                of: variant, named: destination.path, plan: plan, proof: proof)
            report.delivery = try destination.deliver(
                FinishedVariant(variant: variant, manifest: manifest, latency: report.latency))
        }
        return report
    }

    private func prove(_ variant: Variant, on inputs: any ProofInputs) throws -> Proof {
        progress.show("proving that the shrunk network equals the masked one")
        return try timings.measure("proof") {
            try Proof(
                masked: variant.masked, shrunk: variant.pruned.graph,
                inputs: inputs,
                activationByteCount: workshop.analysis.base.peakActivationBytes)
        }
    }

    /// What plain magnitude pruning to the same budget would have kept; nil without recovery on data, or without data to score on.
    private func plainScores(of variant: Variant) throws -> Scoring.Scores? {
        guard options.comparesPlain, options.plan == nil, variant.pruned.recovery != nil,
            let scoring = evidence.scoring
        else { return nil }
        progress.show("comparing with plain magnitude pruning")
        let planner = Planner(workshop.analysis, importance: try workshop.importance("l1"))
        let result = try planner.plan(
            context.profile, costModel: context.costModel, file: workshop.fileSize(settings),
            checksAccuracy: true)
        let plain = try variant.prunable.pruned(by: result.plan.pruning)
        return try scoring.score(plain.graph)
    }

    /// How long the base and the variant take; nil if one of them cannot be run.
    private func measure(
        _ variant: Variant
    ) throws -> (before: MeasuredLatency, after: MeasuredLatency)? {
        guard let before = try workshop.latency(),
            let after = try MeasuredLatency(variant.pruned.graph)
        else { return nil }
        return (before, after)
    }

    private mutating func plan() throws -> PlanningResult {
        let importance = try timings.measure("importance") {
            // Where no channel may go, nobody asks what they are worth.
            settings.granularity.contains(.channel)
                ? try workshop.importance(
                    context.criterion, calibration: evidence.calibration, progress: progress)
                : GroupImportance(criterion: context.criterion, scores: [])
        }
        let refiner = PlanRefiner(Planner(workshop.analysis, importance: importance))
        let start = ContinuousClock.now
        defer {
            let all = (ContinuousClock.now - start).seconds * 1000
            timings.add("planning", all - timings["making"] - timings["scoring"])
        }
        let file = workshop.fileSize(settings)
        guard evidence.scoring?.hasLabels == true else {
            return try refiner.plan(
                context.profile, costModel: context.costModel, file: file, realizer: &self)
        }
        return try refiner.planKeepingAccuracy(
            context.profile, costModel: context.costModel, file: file, realizer: &self)
    }

    mutating func accuracy() throws -> (before: Double, after: Double)? {
        try scores()?.accuracy.map { ($0.before, $0.after) }
    }

    /// The scores of the variant that was realised last, computed once; nil without data.
    private mutating func scores() throws -> Scoring.Scores? {
        guard let scoring = evidence.scoring, let variant else { return nil }
        if let known = variant.scores { return known }
        progress.show("scoring the variant")
        let scores = try timings.measure("scoring") { try scoring.score(variant.pruned.graph) }
        self.variant?.scores = scores
        return scores
    }

    private mutating func replay(_ path: String) throws -> PlanningResult {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.noInput, "\(path): no such plan, or it may not be read")
        }
        let pruning = try Self.plan(parsing: data, file: path)
        let planner = Planner(
            workshop.analysis,
            importance: try workshop.importance(
                context.criterion, calibration: evidence.calibration, progress: progress))
        var plan = try planner.replaying(
            pruning, for: context.profile, costModel: context.costModel)
        let summary = try realize(plan)
        plan.costs = context.costModel.costs(of: summary)
        if let accuracy = try accuracy() {
            (plan.base.accuracy, plan.costs.accuracy) = (accuracy.before, accuracy.after)
        }
        plan.lines = context.profile.limits.check(plan.costs, base: plan.base)
        plan.isRealized = true
        variant?.plan = plan
        return .plan(plan)
    }

    /// Reads a saved plan, or that of a variant's manifest.
    private static func plan(parsing data: Data, file: String) throws -> PruningPlan {
        do {
            if let json = try? JSON(parsing: data), json["kind"]?.string == VariantManifest.kind {
                return try PruningPlan(json: json["plan"] ?? .null)
            }
            return try PruningPlan(parsing: data)
        } catch { throw CommandFailure(.badData, "\(file): \(error)") }
    }

    mutating func realize(_ plan: Plan) throws -> WorkloadSummary {
        variant?.file.remove()
        progress.show(
            "making a variant with \(Measure.percent(plan.importanceKept)) of the importance")
        // Without leave to write at the destination, a dry run weighs its variant elsewhere.
        let place =
            destination?.path
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("prune-dry-run").path
        let made = try timings.measure("making") {
            try workshop.make(
                plan, at: place, kind: options.kind, options: settings,
                overwrite: destination?.overwrites ?? true,
                recovery: try VariantRecovery(
                    settings.recovery, calibration: evidence.calibration))
        }
        variant = made
        return made.summary
    }
}
