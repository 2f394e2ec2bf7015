import Contexts
import Foundation
import KerasFormat
import ModelGraph
import Planning
import Pruning
import Testing

/// Carries plans out on a real network; its file is expected to compress as the estimate says.
private struct Bench: VariantRealizer {
    let analysis: ModelAnalysis
    let file: FileSizeModel

    mutating func realize(_ plan: Plan) throws -> WorkloadSummary {
        let pruned = try analysis.model.pruned(by: plan.pruning)
        let zeros = pruned.kernels.reduce(0) { $0 + $1.zeros }
        let weights = pruned.kernels.reduce(0) { $0 + $1.kernel.elementCount }
        let share = weights == 0 ? 0 : Double(zeros) / Double(weights)
        let bytes = Double(pruned.graph.parameterCount * 4) * file.scattered[share]
        return try analysis.summary(
            of: pruned.graph, fileBytes: file.overheadBytes + Int(bytes), weightSparsity: share)
    }
}

/// Every network in `models/` against every profile in `pruning-profiles/`.
@Suite struct RealModelTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func files(_ folder: String, _ type: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent(folder).path
        ).filter { $0.hasSuffix(type) }.sorted().map {
            root.appendingPathComponent(folder).appendingPathComponent($0).path
        }
    }

    @Test func everyShippedProfileIsAnswered() throws {
        let profiles = try Self.files("pruning-profiles", ".yaml").map { try ProfileFile(path: $0) }
        let models = try Self.files("models", ".h5")
        #expect(models.count >= 3 && profiles.count >= 6)
        for path in models {
            let model = try PrunableModel(try KerasModel.read(path: path).graph)
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            let analysis = ModelAnalysis(model, fileBytes: try #require(size))
            let scores = try CriterionRegistry.criterion(named: "l2").importance(of: model)
            let planner = Planner(
                analysis, importance: GroupImportance(criterion: "l2", scores: scores))
            let file = FileSizeModel(overheadBytes: 160_000, compression: .deflate)
            var bench = Bench(analysis: analysis, file: file)
            for profile in profiles {
                let result = try PlanRefiner(planner).plan(
                    profile.profile, costModel: profile.costModel, file: file, realizer: &bench)
                let place = "\(path), \(profile.profile.name)"
                try result.plan.pruning.validate(for: model)
                switch result {
                case .plan(let plan):
                    #expect(plan.fits && plan.isRealized, "\(place)")
                case .infeasible(let answer):
                    #expect(answer.excess > 0, "\(place)")
                    #expect(!answer.nearest.fits, "\(place)")
                }
            }
        }
    }

    /// On a real network with few widths to choose from, against all choices there are.
    @Test func isWithinTwoPercentOfTheBestOnARealNetwork() throws {
        let path = Self.root.appendingPathComponent("models/fashion-vgg.h5").path
        let model = try PrunableModel(try KerasModel.read(path: path).graph)
        let scores = try CriterionRegistry.criterion(named: "l2").importance(of: model)
        let analysis = ModelAnalysis(model, fileBytes: 2_400_000)
        let importance = GroupImportance(criterion: "l2", scores: scores)
        var device = PlannerTests.device
        device.channelMultiple = 32
        var options = PruningOptions()
        options.granularity = [.channel]
        options.minimumFraction = 0.25
        let costModel = CostModel(device: device, network: PlannerTests.network)
        let base = costModel.costs(of: analysis.base)
        let inference = try #require(base.inferenceMs)
        for share in [0.8, 0.65, 0.5] {
            let profile = Profile(
                name: "real", device: device, network: PlannerTests.network,
                budget: Budget(
                    inferenceMs: inference * share, peakMemoryMiB: 2, macFraction: share * 0.9),
                pruning: options)
            let result = try Planner(analysis, importance: importance).plan(
                profile, costModel: costModel,
                file: FileSizeModel(overheadBytes: 30_000, compression: .deflate))
            let truth = try PlanEnumeration(
                analysis: analysis, importance: importance, profile: profile,
                costModel: costModel
            ).best()
            let best = try #require(truth)
            #expect(result.plan.fits)
            #expect(result.plan.importanceKept >= best * 0.98)
            #expect(result.plan.importanceKept <= best * (1 + 1e-9))
        }
    }
}
