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

    mutating func realize(_ plan: Plan) throws -> WorkloadSummary {
        plans.append(plan.pruning)
        let model = analysis.model
        let shrunk = try model.shrunk(model.masked(by: plan.pruning))
        let bytes = Double(shrunk.parameterCount * 4) * bytesPerByte(plan.weightSparsity)
        return try analysis.summary(
            of: shrunk, fileBytes: overhead + Int(bytes), weightSparsity: plan.weightSparsity)
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
}
