import Contexts
import ModelGraph
import Planning
import Pruning
import Testing

/// Weighs variants by a rule that the planner does not know.
private struct Scale: VariantRealizer {
    let analysis: ModelAnalysis
    let overhead: Int
    let bytesPerByte: (Double) -> Double
    var plans: [PruningPlan] = []
    /// The accuracy of a variant with that share of the multiply-adds; nil for no data.
    var accuracyOfShare: ((Double) -> Double)?
    private var share = 1.0

    init(analysis: ModelAnalysis, overhead: Int, bytesPerByte: @escaping (Double) -> Double) {
        self.analysis = analysis
        self.overhead = overhead
        self.bytesPerByte = bytesPerByte
    }

    mutating func accuracy() -> (before: Double, after: Double)? {
        accuracyOfShare.map { ($0(1), $0(share)) }
    }

    mutating func realize(_ plan: Plan) throws -> WorkloadSummary {
        plans.append(plan.pruning)
        let model = analysis.model
        let shrunk = try model.shrunk(model.masked(by: plan.pruning))
        let bytes = Double(shrunk.parameterCount * 4) * bytesPerByte(plan.weightSparsity)
        let summary = try analysis.summary(
            of: shrunk, fileBytes: overhead + Int(bytes), weightSparsity: plan.weightSparsity)
        share = Double(summary.multiplyAdds) / Double(analysis.base.multiplyAdds)
        return summary
    }
}

@Suite struct PlanRefinerTests {
    private func run(
        _ budget: Budget, bytesPerByte: @escaping (Double) -> Double
    ) throws -> (result: PlanningResult, plans: [PruningPlan]) {
        let model = try PrunableModel(try TestNetwork.plain([32, 48], dense: 64))
        let analysis = ModelAnalysis(model, fileBytes: 400_000)
        let scores = model.groups.groups.map { (0..<$0.size).map { Double($0 % 7) + 0.5 } }
        let planner = Planner(
            analysis, importance: GroupImportance(criterion: "test", scores: scores))
        let profile = Profile(
            name: "test", network: Network(bandwidthMbps: 10, roundTripMs: 50), budget: budget)
        var scale = Scale(analysis: analysis, overhead: 10_000, bytesPerByte: bytesPerByte)
        let result = try PlanRefiner(planner).plan(
            profile, costModel: CostModel(device: nil, network: profile.network),
            file: FileSizeModel(overheadBytes: 10_000, compression: .deflate), realizer: &scale)
        return (result, scale.plans)
    }

    @Test(arguments: [0.6, 0.9, 1, 1.1, 1.6]) func endsWhereTheRealFileFits(_ scale: Double) throws
    {
        for limit in [80.0, 120, 160] {
            let (result, plans) = try run(Budget(fileKiB: limit)) {
                CompressionCurve.shuffledDeflate[$0] * scale
            }
            guard case .plan(let plan) = result else {
                Issue.record("\(limit) KiB can be met")
                continue
            }
            #expect(plan.fits)
            #expect(plan.isRealized)
            #expect(plan.costs.fileBytes <= Int(limit * 1024))
            // And does not give away what need not go.
            let isFull = plan.costs.fileBytes >= Int(limit * 1024 * 0.93)
            #expect(isFull || plan.importanceKept == 1, "scale \(scale)")
            #expect(plan.pruning == plans.last)
            #expect(plans.count <= 6)
        }
    }

    @Test func saysSoWhereNoRealFileFits() throws {
        let (result, _) = try run(Budget(fileKiB: 10)) { _ in 3 }
        guard case .infeasible(let answer) = result else {
            Issue.record("nothing is so small")
            return
        }
        #expect(answer.binding == .fileKiB)
        #expect(answer.nearest.isRealized)
        #expect(answer.excess > 0)
    }

    private func runWithData(
        _ budget: Budget, accuracyOfShare: @escaping (Double) -> Double
    ) throws -> (result: PlanningResult, plans: [PruningPlan]) {
        let model = try PrunableModel(try TestNetwork.plain([32, 48], dense: 64))
        let analysis = ModelAnalysis(model, fileBytes: 400_000)
        let scores = model.groups.groups.map { (0..<$0.size).map { Double($0 % 7) + 0.5 } }
        let planner = Planner(
            analysis, importance: GroupImportance(criterion: "test", scores: scores))
        var options = PruningOptions()
        options.granularity = [.channel]
        let profile = Profile(name: "test", budget: budget, pruning: options)
        var scale = Scale(analysis: analysis, overhead: 10_000) { _ in 1 }
        scale.accuracyOfShare = accuracyOfShare
        let result = try PlanRefiner(planner).planKeepingAccuracy(
            profile, costModel: CostModel(device: nil, network: nil),
            file: FileSizeModel(overheadBytes: 10_000, compression: .none), realizer: &scale)
        return (result, scale.plans)
    }

    /// Accuracy falls to nothing below a share of the multiply-adds: six halvings find it to 1/64, and what a channel more or less
    /// makes.
    @Test(arguments: [0.2, 0.37, 0.5, 0.71, 0.95])
    func aFloorAloneIsPrunedDownTo(_ threshold: Double) throws {
        let (result, plans) = try runWithData(Budget(maxAccuracyDrop: 0.1)) {
            $0 >= threshold ? 0.9 : 0.2
        }
        guard case .plan(let plan) = result else {
            Issue.record("the whole network keeps the floor")
            return
        }
        let share = Double(plan.costs.multiplyAdds) / Double(plan.base.multiplyAdds)
        #expect(share >= threshold)
        #expect(share <= threshold + 0.06)
        #expect(plan.lines.map(\.isMet) == [true])
        #expect(plan.costs.accuracy == 0.9)
        #expect(plan.pruning == plans.last)
    }

    @Test func aFloorBelowOtherLinesIsAnswered() throws {
        let budget = Budget(macFraction: 0.5, maxAccuracyDrop: 0.1)
        let (good, _) = try runWithData(budget) { 0.9 - (1 - $0) * 0.1 }
        guard case .plan(let plan) = good else {
            Issue.record("falls by 0.05")
            return
        }
        #expect(plan.fits)
        let (bad, _) = try runWithData(budget) { 0.9 - (1 - $0) * 0.5 }
        guard case .infeasible(let answer) = bad else {
            Issue.record("falls by 0.25")
            return
        }
        #expect(answer.binding == .maxAccuracyDrop)
        #expect(abs(answer.excess - 1.5) < 0.1)
    }

    @Test func whereNothingMayGoAllStays() throws {
        let (result, _) = try runWithData(Budget(maxAccuracyDrop: 0.1)) { $0 >= 1 ? 0.9 : 0.1 }
        guard case .plan(let plan) = result else {
            Issue.record("the whole network keeps the floor")
            return
        }
        #expect(plan.costs.multiplyAdds == plan.base.multiplyAdds)
    }
}
