import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

/// Recovery from samples: what can be recovered comes back, and nothing gets worse.
@Suite struct ReconstructionTests {
    private func run(_ graph: ModelGraph, _ samples: MemorySamples) throws -> [Tensor] {
        try Truth.run(graph, samples.tensors(0..<samples.count))
    }

    private func fitted(
        _ model: PrunableModel, _ plan: PruningPlan, _ samples: MemorySamples,
        sparesClipped: Bool = true, byteLimit: Int = 1 << 30
    ) throws -> PrunedModel {
        var pruned = try model.pruned(by: plan)
        var options = Reconstruction.Options()
        options.sparesClipped = sparesClipped
        options.byteLimit = byteLimit
        let result = try Reconstruction(
            model, pruned: pruned, samples: samples, options: options
        ).fitted(pruned.graph)
        pruned.graph = result.graph
        pruned.recovery = result.layers
        return pruned
    }

    /// Two convolutions, a normalisation behind them, and beside them another convolution or none.
    private func chain(_ activation: String, isResidual: Bool = false) throws -> ModelGraph {
        var builder = NetworkBuilder(seed: 21)
        let input = try builder.input([7, 7, 2])
        let first = try builder.add(
            "Conv2D", "first", ["filters": 5, "kernel_size": [3, 3], "padding": "same"], [input])
        let active = try builder.add(
            "Activation", "active", ["activation": .string(activation)], [first])
        let second = try builder.add(
            "Conv2D", "second",
            ["filters": 4, "kernel_size": [3, 3], "padding": "same", "use_bias": false], [active])
        var last = try builder.add("BatchNormalization", "normal", [:], [second])
        if isResidual {
            let side = try builder.add(
                "Conv2D", "side", ["filters": 4, "kernel_size": [1, 1]], [input])
            last = try builder.add("Add", "sum", [:], [last, side])
        }
        let flat = try builder.add("Flatten", "flat", [:], [last])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 3], [flat])]
        return builder.graph
    }

    @Test(arguments: [false, true]) func nothingPrunedStaysAsItIs(isResidual: Bool) throws {
        let graph = try chain("relu", isResidual: isResidual)
        let model = try PrunableModel(graph)
        let samples = try randomSamples(of: graph, count: 80)
        let plan = PruningPlan(keepingAllOf: model, criterion: "none")
        let pruned = try fitted(model, plan, samples)
        let difference = Truth.difference(
            try run(pruned.graph, samples), try run(graph, samples))
        #expect(difference <= 1e-4)
        for layer in try #require(pruned.recovery) {
            // Sums of single precision leave so much.
            #expect(layer.errorBefore <= 1e-5 && layer.errorAfter <= 1e-5, "\(layer)")
        }
    }

    @Test(arguments: [false, true], [0, 1 << 30])
    func linearCombinationsComeBackExactly(isResidual: Bool, byteLimit: Int) throws {
        var graph = try chain("linear", isResidual: isResidual)
        graph.change("first", "kernel") { values in
            for row in 0..<18 {
                values[row * 5 + 3] = 0.5 * values[row * 5] - 2 * values[row * 5 + 1]
            }
        }
        graph.change("first", "bias") { $0[3] = 0.5 * $0[0] - 2 * $0[1] }
        let model = try PrunableModel(graph)
        let samples = try randomSamples(of: graph, count: 100)
        let plan = try model.plan(removing: [3], of: "first")
        let before = try run(try model.pruned(by: plan).graph, samples)
        let pruned = try fitted(model, plan, samples, byteLimit: byteLimit)
        let expected = try run(graph, samples)
        #expect(Truth.difference(before, expected) > 0.05)
        let fresh = try randomSamples(of: graph, count: 20, seed: 99)
        #expect(Truth.difference(try run(pruned.graph, samples), expected) <= 2e-3)
        #expect(
            Truth.difference(try run(pruned.graph, fresh), try run(graph, fresh)) <= 2e-3)
    }

    /// The branch that is fitted last makes up for what the other lacks.
    @Test func additionIsFittedAsASum() throws {
        var builder = NetworkBuilder(seed: 8)
        let input = try builder.input([6])
        let hidden = try builder.add("Dense", "hidden", ["units": 4], [input])
        let left = try builder.add("Dense", "left", ["units": 5], [hidden])
        let right = try builder.add("Dense", "right", ["units": 5], [input])
        builder.graph.outputs = [try builder.add("Add", "sum", [:], [left, right])]
        let model = try PrunableModel(builder.graph)
        let plan = try model.plan(removing: [0, 1, 2], of: "hidden")
        let samples = try randomSamples(of: builder.graph, count: 200)
        let pruned = try fitted(model, plan, samples)
        // All is linear in the input, which the right branch sees whole.
        #expect(
            Truth.difference(try run(pruned.graph, samples), try run(builder.graph, samples))
                <= 1e-3)
    }

    @Test(arguments: Truth.files("models", ending: ".h5"))
    func noLayerGetsWorse(path: String) throws {
        let graph = try KerasModel.read(path: path).graph
        let model = try PrunableModel(graph)
        var random = SeededGenerator(seed: 3)
        let plan = Truth.randomPlan(
            model, cutting: model.prunable, random: &random)
        let samples = try Fashion.samples(64)
        let pruned = try fitted(model, plan, samples, sparesClipped: false)
        let layers = try #require(pruned.recovery)
        #expect(layers.count > 3)
        for layer in layers {
            #expect(layer.errorAfter <= layer.errorBefore * 1.0001 + 1e-9, "\(layer)")
        }
        try checkTruth(model, pruned, samples, URL(filePath: path).lastPathComponent)
        let divergence = try OutputDivergence.measure(pruned.graph, against: graph, on: samples)
        let before = try OutputDivergence.measure(
            try model.pruned(by: plan).graph, against: graph, on: samples)
        #expect(divergence < before)
    }

    /// Weights are finite, and shrunk equals masked.
    private func checkTruth(
        _ model: PrunableModel, _ pruned: PrunedModel, _ samples: MemorySamples, _ name: String
    ) throws {
        let inputs = samples.tensors(0..<min(samples.count, 4))
        let masked = try Truth.run(try model.masked(like: pruned), inputs)
        let shrunk = try Truth.run(pruned.graph, inputs)
        #expect(Truth.difference(shrunk, masked) <= 1e-4, "\(name)")
        for layer in pruned.graph.layers {
            for weight in layer.weights where weight.elementType.isFloatingPoint {
                #expect(weight.floats().allSatisfy { $0.isFinite }, "\(name), \(layer.name)")
            }
        }
    }

    @Test(arguments: Truth.files("Tests/Reference/layers", ending: ".h5"), [3])
    func everyLayerBetweenPrunableOnes(path: String, count: Int) throws {
        let name = URL(filePath: path).lastPathComponent
        var random = SeededGenerator(seed: Truth.seed(name))
        guard let graph = try? KerasModel.read(path: path).graph,
            !graph.layers.contains(where: { $0.className == "Embedding" })
        else { return }
        let channelsFirst = name.contains("channels_first") || name.contains("axis1")
        guard let graph = try graph.surrounded(channelsFirst: channelsFirst, random: &random),
            (try? PreparedModel(graph)) != nil
        else { return }
        let model = try PrunableModel(graph)
        let plan = Truth.randomPlan(model, cutting: model.prunable, random: &random)
        let samples = try randomSamples(of: graph, count: count)
        let pruned = try fitted(model, plan, samples)
        guard pruned.masked != nil else { return }
        try checkTruth(model, pruned, samples, name)
    }

    @Test(arguments: ["fashion-resnet", "fashion-mobilenet"])
    func twoRunsGiveTheSameBytes(name: String) throws {
        let graph = try KerasModel.read(
            path: Truth.root.appending(path: "models/\(name).h5").path
        ).graph
        let model = try PrunableModel(graph)
        var random = SeededGenerator(seed: 5)
        let plan = Truth.randomPlan(
            model, cutting: model.prunable, random: &random)
        let samples = try Fashion.samples(33)
        let (a, b) = (try fitted(model, plan, samples), try fitted(model, plan, samples))
        #expect(a.recovery == b.recovery)
        for (left, right) in zip(a.graph.layers, b.graph.layers) {
            #expect(
                left.weights.map { $0.floats().map(\.bitPattern) }
                    == right.weights.map { $0.floats().map(\.bitPattern) })
        }
    }

    @Test func sharedLayerIsFittedForAllItsCalls() throws {
        var builder = NetworkBuilder(seed: 31)
        let (a, b) = (try builder.input([5], name: "a"), try builder.input([5], name: "b"))
        let hidden = try builder.add("Dense", "hidden", ["units": 6], [a])
        let shared = try builder.add("Dense", "shared", ["units": 4], [hidden])
        let other = builder.call("shared", [builder.call("hidden", [b])])
        let both = try builder.add("Concatenate", "both", [:], [shared, other])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 2], [both])]
        builder.graph.change("hidden", "kernel") { values in
            for row in 0..<5 { values[row * 6 + 5] = values[row * 6] + values[row * 6 + 2] }
        }
        let model = try PrunableModel(builder.graph)
        let samples = try randomSamples(of: builder.graph, count: 100)
        let plan = try model.plan(removing: [5], of: "hidden")
        let pruned = try fitted(model, plan, samples)
        #expect(pruned.recovery?.first { $0.layer == "shared" }?.rows == 200)
        #expect(
            Truth.difference(try run(pruned.graph, samples), try run(builder.graph, samples))
                <= 1e-3)
    }

    @Test func noSamplesAreRefused() throws {
        let graph = try chain("relu")
        let model = try PrunableModel(graph)
        let plan = try model.plan(removing: [0], of: "first")
        let none = MemorySamples([Tensor(shape: [0, 7, 7, 2], values: [])])
        #expect(throws: PruningError(.samples, "there are none to fit the layers to")) {
            try fitted(model, plan, none)
        }
    }

    @Test(arguments: [Float.nan, .infinity, 1e38])
    func samplesThatAreNotFiniteMakeNoWeightsThatAreNot(value: Float) throws {
        let graph = try chain("relu", isResidual: true)
        let model = try PrunableModel(graph)
        let plan = try model.plan(removing: [0], of: "first")
        var tensor = Tensor(shape: [9, 7, 7, 2], repeating: 0.5)
        tensor.values[100] = value
        tensor.values[700] = value
        let pruned = try fitted(model, plan, MemorySamples([tensor]))
        for weight in pruned.graph.layers.flatMap(\.weights) {
            #expect(weight.floats().allSatisfy { $0.isFinite })
        }
    }

    /// Tensors so large that a batch of them is cut: that of the smaller network must not have to be the same.
    @Test func largeTensorsOfUnequalBatches() throws {
        var builder = NetworkBuilder(seed: 2)
        let input = try builder.input([120, 120, 1])
        let wide = try builder.add(
            "Conv2D", "wide", ["filters": 16, "kernel_size": [1, 1]], [input])
        let narrow = try builder.add(
            "Conv2D", "narrow", ["filters": 2, "kernel_size": [1, 1]], [wide])
        builder.graph.outputs = [try builder.add("GlobalAveragePooling2D", "pool", [:], [narrow])]
        let model = try PrunableModel(builder.graph)
        let plan = try model.plan(removing: Array(3..<16), of: "wide")
        let samples = try randomSamples(of: builder.graph, count: 60)
        let pruned = try fitted(model, plan, samples)
        #expect(pruned.recovery?.count == 2)
    }
}

extension PrunableModel {
    /// Groups of which something may go.
    fileprivate var prunable: [Int] {
        groups.groups.indices.filter { groups.groups[$0].fewest < groups.groups[$0].size }
    }
}
