import Contexts
import ModelGraph
import Pruning
import Testing

@testable import Planning

/// The costs that the solver works with are those of the network that comes out.
@Suite struct WidthCostsTests {
    static let device = Device(
        runtime: "test", peakGflops: 2, memoryBandwidthGBps: 1.5, memoryMiB: 64,
        channelMultiple: 4, layerOverheadUs: 20)

    private func networks() throws -> [ModelGraph] {
        [try TestNetwork.plain(), try TestNetwork.residual(), try TestNetwork.separable()]
    }

    @Test func equalThoseOfTheShrunkNetwork() throws {
        let costModel = CostModel(
            device: Self.device, network: Network(bandwidthMbps: 10, roundTripMs: 50))
        for (number, graph) in try networks().enumerated() {
            let model = try PrunableModel(graph)
            let analysis = ModelAnalysis(model, fileBytes: 100_000)
            let groups = model.groups.groups.map { group in
                WidthProblem.Group(
                    name: group.name, widths: Array(group.fewest...group.size),
                    curve: ImportanceCurve(scores: Array(repeating: 1, count: group.size)))
            }
            let problem = analysis.costs.problem(
                groups: groups, costModel: costModel, isKernel: { _ in false },
                isSparse: { _ in false })
            let layout = WidthLayout(problem)
            var random = SeededGenerator(seed: RandomSeed.value)
            for round in 0..<12 {
                let levels =
                    groups.map { Int.random(in: 0..<$0.widths.count, using: &random) } + [0]
                let state = WidthState(layout, levels: round == 0 ? problem.fullLevels : levels)
                var plan = PruningPlan(keepingAllOf: model, criterion: "test")
                for (index, width) in state.widths.enumerated() {
                    let group = model.groups.groups[index]
                    plan.groups[index].kept = group.keeping(
                        width, importance: Array(repeating: 1, count: group.size))
                }
                let shrunk = try model.shrunk(model.masked(by: plan))
                let truth = costModel.costs(of: try analysis.summary(of: shrunk, fileBytes: 0))
                let values = state.reading.values(state.layout, all: true)
                let place = "network \(number), round \(round), seed \(RandomSeed.value)"
                #expect(values[.multiplyAdds] == Double(truth.multiplyAdds), "\(place)")
                // Folded constants may have given a layer a bias that it had not.
                let added = Double(shrunk.parameterCount) - values[.parameters]
                #expect(added >= 0 && added <= 64, "\(place)")
                #expect(values[.memory] + added * 4 == Double(truth.peakMemoryBytes), "\(place)")
                let ms = truth.inferenceMs ?? 0
                #expect(abs(values[.inference] - ms) <= 1e-3 * ms, "\(place)")
            }
        }
    }

    /// Counted by hand: 16×16 inputs; a stem of 3×3×3×8, one block of two 3×3×8×8, one block of stride 2
    /// with 3×3×8×16, 3×3×16×16 and a 1×1×8×16 projection, a head of 16×10.
    @Test func countsWhatAHandCounts() throws {
        let analysis = ModelAnalysis(
            try PrunableModel(try TestNetwork.residual()), fileBytes: 1)
        let stem = 256 * 27 * 8
        let first = 2 * 256 * 9 * 8 * 8
        let second = 64 * (9 * 8 * 16 + 9 * 16 * 16 + 8 * 16)
        #expect(analysis.base.multiplyAdds == stem + first + second + 160)
        let kernels = 216 + 2 * 576 + 1152 + 2304 + 128 + 160
        let norms = 4 * (8 * 3 + 16 * 3)
        #expect(analysis.base.parameterCount == kernels + norms + 10)
        // In the first block the shortcut, what goes into a convolution and what comes out: 3 × 8 KiB.
        #expect(analysis.base.peakActivationBytes == 3 * 16 * 16 * 8 * 4)
    }

    @Test func countsMemoryAsGraphCostsDoes() throws {
        for graph in try networks() {
            let model = try PrunableModel(graph)
            let costs = try GraphCosts(graph, shapes: model.shapes, reusesMemory: true)
            let base = ModelAnalysis(model, fileBytes: 0).base
            #expect(base.peakActivationBytes == costs.peakActivationBytes)
            #expect(base.multiplyAdds == costs.multiplyAdds)
            #expect(base.parameterCount == costs.parameters)
            #expect(base.parameterBytes == costs.parameterBytes)
        }
    }

    @Test func fusesWhatFollowsAConvolution() throws {
        let analysis = ModelAnalysis(
            try PrunableModel(try TestNetwork.residual()), fileBytes: 1)
        let paying = analysis.base.layers.filter { !$0.isFused }.map(\.operation)
        // A stem, two blocks of convolutions and an addition with its ReLU, pooling, a head.
        #expect(
            paying == [
                .convolution, .convolution, .convolution, .elementWise, .elementWise,
                .convolution, .convolution, .convolution, .elementWise, .elementWise,
                .pooling, .dense,
            ])
    }
}
