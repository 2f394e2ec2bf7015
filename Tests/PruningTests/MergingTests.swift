import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

/// Recovery without data: what is merged must be alike, and what is computed must be what the shrunk model computes.
@Suite struct MergingTests {
    /// Channel 3 is twice channel 1, as far as the convolution and its batch normalisation go.
    private func twins(_ activation: String) throws -> ModelGraph {
        var builder = NetworkBuilder(seed: 11)
        let input = try builder.input([6, 6, 2])
        let first = try builder.add(
            "Conv2D", "first", ["filters": 5, "kernel_size": [3, 3], "use_bias": false], [input])
        let normal = try builder.add("BatchNormalization", "normal", ["epsilon": 1e-12], [first])
        let active = try builder.add(
            "Activation", "active", ["activation": .string(activation)], [normal])
        let second = try builder.add(
            "Conv2D", "second", ["filters": 4, "kernel_size": [3, 3], "padding": "same"], [active])
        let last = try builder.add("BatchNormalization", "last", [:], [second])
        let flat = try builder.add("Flatten", "flat", [:], [last])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 3], [flat])]
        builder.graph.change("first", "kernel") { values in
            for row in 0..<18 { values[row * 5 + 3] = 4 * values[row * 5 + 1] }
        }
        for (role, multiple) in [
            ("moving_mean", 4), ("moving_variance", 16), ("gamma", 2), ("beta", 2),
        ] as [(String, Float)] {
            builder.graph.change("normal", role) { $0[3] = multiple * $0[1] }
        }
        return builder.graph
    }

    @Test(arguments: ["relu", "linear"]) func twinIsMergedWithoutLoss(activation: String) throws {
        let graph = try twins(activation)
        let model = try PrunableModel(graph)
        let plan = try model.plan(removing: [3], of: "first")
        var random = SeededGenerator(seed: 5)
        let inputs = try #require(try Truth.inputs(of: graph, random: &random))
        let original = try Truth.run(graph, inputs)
        let merged = try model.pruned(by: plan, recovery: .merge)
        #expect(Truth.difference(try Truth.run(merged.graph, inputs), original) <= 1e-5)
        let report = try #require(merged.recoveries.first)
        #expect(report.layer == "second" && report.removedChannels == 1)
        #expect(report.normalization == "last")
        #expect(report.error <= 1e-6 && report.errorOfMeans > 1e-4)
        let exact = try model.pruned(by: plan)
        #expect(exact.recoveries.isEmpty)
        #expect(Truth.difference(try Truth.run(exact.graph, inputs), original) > 0.01)
    }

    @Test func twinIsMergedWithoutNormalization() throws {
        var builder = NetworkBuilder(seed: 3)
        let input = try builder.input([6])
        let hidden = try builder.add(
            "Dense", "hidden", ["units": 5, "activation": "relu"], [input])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 3], [hidden])]
        builder.graph.change("hidden", "kernel") { values in
            for row in 0..<6 { values[row * 5 + 4] = 0.5 * values[row * 5 + 2] }
        }
        builder.graph.change("hidden", "bias") { $0[4] = 0.5 * $0[2] }
        let model = try PrunableModel(builder.graph)
        let plan = try model.plan(removing: [4], of: "hidden")
        var random = SeededGenerator(seed: 5)
        let inputs = try #require(try Truth.inputs(of: builder.graph, random: &random))
        let merged = try model.pruned(by: plan, recovery: .merge)
        let original = try Truth.run(builder.graph, inputs)
        #expect(Truth.difference(try Truth.run(merged.graph, inputs), original) <= 1e-5)
        // Nothing tells the means, so that constants are all there is.
        let means = try model.pruned(by: plan, recovery: .means)
        #expect(means.recoveries.isEmpty)
        let exact = try model.pruned(by: plan)
        for (a, b) in zip(means.graph.layers, exact.graph.layers) {
            #expect(a.weights.map { $0.floats() } == b.weights.map { $0.floats() })
        }
    }

    /// What an addition makes is alike only if all that it adds is.
    @Test func twinInOneBranchOnlyIsNoTwin() throws {
        func error(twinInBoth: Bool) throws -> Float {
            var builder = NetworkBuilder(seed: 17)
            let input = try builder.input([6, 6, 2])
            var branches: [TensorReference] = []
            for name in ["a", "b"] {
                let conv = try builder.add(
                    "Conv2D", name, ["filters": 4, "kernel_size": [3, 3], "use_bias": false],
                    [input])
                branches.append(
                    try builder.add(
                        "BatchNormalization", "normal_\(name)", ["epsilon": 1e-12], [conv]))
                guard name == "a" || twinInBoth else { continue }
                builder.graph.change(name, "kernel") { values in
                    for row in 0..<18 { values[row * 4 + 2] = values[row * 4] }
                }
                for role in ["gamma", "beta", "moving_mean", "moving_variance"] {
                    builder.graph.change("normal_\(name)", role) { $0[2] = $0[0] }
                }
            }
            let sum = try builder.add("Add", "sum", [:], branches)
            let active = try builder.add("ReLU", "active", [:], [sum])
            let last = try builder.add(
                "Conv2D", "last", ["filters": 3, "kernel_size": [1, 1]], [active])
            builder.graph.outputs = [last]
            let model = try PrunableModel(builder.graph)
            let merged = try model.pruned(
                by: try model.plan(removing: [2], of: "a"), recovery: .merge)
            let report = try #require(merged.recoveries.first)
            return report.error
        }
        let (both, one) = (try error(twinInBoth: true), try error(twinInBoth: false))
        #expect(both <= 1e-6 && one > 1e-3)
    }

    /// Channels that never vary: gamma 0, variance 0, both.
    @Test(arguments: DataFreeRecovery.allCases)
    func deadChannelsCostNothing(recovery: DataFreeRecovery) throws {
        var builder = NetworkBuilder(seed: 23)
        let input = try builder.input([5, 5, 3])
        let conv = try builder.add(
            "Conv2D", "conv", ["filters": 6, "kernel_size": [3, 3]], [input])
        let normal = try builder.add("BatchNormalization", "normal", [:], [conv])
        let active = try builder.add("ReLU", "active", [:], [normal])
        let last = try builder.add(
            "Conv2D", "last", ["filters": 4, "kernel_size": [1, 1]], [active])
        let behind = try builder.add("BatchNormalization", "behind", [:], [last])
        builder.graph.outputs = [behind]
        builder.graph.change("normal", "gamma") { values in
            for channel in [0, 1, 2, 3] { values[channel] = 0 }
        }
        builder.graph.change("normal", "beta") { values in
            (values[0], values[1], values[2]) = (0.75, -0.5, 0)
        }
        builder.graph.change("normal", "moving_variance") { $0[1] = 0 }
        builder.graph.change("conv", "kernel") { values in
            for row in 0..<27 { values[row * 6 + 1] = 0 }
        }
        let model = try PrunableModel(builder.graph)
        var random = SeededGenerator(seed: 5)
        let inputs = try #require(try Truth.inputs(of: builder.graph, random: &random))
        let original = try Truth.run(builder.graph, inputs)
        let pruned = try model.pruned(
            by: try model.plan(removing: [0, 1, 2], of: "conv"), recovery: recovery)
        #expect(Truth.difference(try Truth.run(pruned.graph, inputs), original) <= 1e-5)
        // Only dead channels stay: nothing can be merged, nothing may break.
        let dead = try model.pruned(
            by: try model.plan(removing: [0, 4, 5], of: "conv"), recovery: recovery)
        #expect(dead.graph.isFinite)
    }

    @Test func numbersThatAreNoneStopNothing() throws {
        var graph = try twins("relu")
        graph.change("first", "kernel") { $0[0] = .nan }
        graph.change("normal", "beta") { $0[2] = .infinity }
        let model = try PrunableModel(graph)
        let pruned = try model.pruned(
            by: try model.plan(removing: [0, 2], of: "first"), recovery: .merge)
        #expect(pruned.graph.isFinite)
    }

    /// Inputs as the model of their distribution has them: merging must come nearer than means, means nearer than constants.
    @Test func errorFallsWhereTheModelHolds() throws {
        var builder = NetworkBuilder(seed: 31)
        let input = try builder.input([40])
        let hidden = try builder.add("Dense", "hidden", ["units": 24, "use_bias": false], [input])
        let normal = try builder.add("BatchNormalization", "normal", [:], [hidden])
        let active = try builder.add("ReLU", "active", [:], [normal])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 6], [active])]
        // The units span fewer dimensions than there are, as those of trained networks nearly do.
        builder.graph.change("hidden", "kernel") { values in
            let mix = values
            for index in values.indices {
                let (row, unit) = (index / 24, index % 24)
                values[index] = (0..<8).reduce(0) {
                    $0 + mix[row * 24 + $1] * mix[(unit % 40) * 24 + 8 + $1]
                }
            }
        }
        let kernel = builder.graph.layers[1].weights[0].floats()
        builder.graph.change("normal", "moving_mean") { values in
            for unit in 0..<24 {
                values[unit] = (0..<40).reduce(0) { $0 + 0.5 * kernel[$1 * 24 + unit] }
            }
        }
        builder.graph.change("normal", "moving_variance") { values in
            for unit in 0..<24 {
                values[unit] = (0..<40).reduce(0) {
                    $0 + kernel[$1 * 24 + unit] * kernel[$1 * 24 + unit] / 12
                }
            }
        }
        let model = try PrunableModel(builder.graph)
        let plan = try model.plan(removing: Array(0..<10), of: "hidden")
        var random = SeededGenerator(seed: 7)
        let samples = Tensor(
            shape: [2000, 40],
            values: (0..<80_000).map { _ in Float.random(in: 0...1, using: &random) })
        let original = try Truth.run(builder.graph, [samples])[0].values
        let variance = (0..<6).reduce(0.0) { sum, output in
            let values = stride(from: output, to: original.count, by: 6).map {
                Double(original[$0])
            }
            let mean = values.reduce(0, +) / 2000
            return sum + values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2000
        }
        var errors: [Double] = []
        for recovery in DataFreeRecovery.allCases {
            let pruned = try model.pruned(by: plan, recovery: recovery)
            let values = try Truth.run(pruned.graph, [samples])[0].values
            let error = zip(values, original).reduce(0.0) {
                $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) / 2000
            }
            errors.append(error / variance)
            if let report = pruned.recoveries.first {
                #expect(abs(Double(report.error) - error / variance) <= 0.1 * error / variance)
            }
        }
        #expect(errors[1] < 0.8 * errors[0] && errors[2] < 0.8 * errors[1], "\(errors)")
    }

    @Test(arguments: Truth.files("models", ending: ".h5"), [DataFreeRecovery.means, .merge])
    func shrunkIsMasked(path: String, recovery: DataFreeRecovery) throws {
        let graph = try KerasModel.read(path: path).graph
        let name = URL(filePath: path).lastPathComponent
        let checked = try Truth.checkRecovery(graph, name: name, recovery)
        #expect(checked == 3)
    }

    /// Every layer class and setting: whatever the flow does not know must leave the model whole.
    @Test(arguments: Truth.files("Tests/Reference/layers", ending: ".h5") + Truth.formats)
    func layer(path: String) throws {
        let name = path.split(separator: "/").suffix(2).joined(separator: "/")
        var random = SeededGenerator(seed: Truth.seed(name))
        guard var graph = try? KerasModel.read(path: path).graph else { return }
        if !graph.layers.contains(where: { $0.className == "Embedding" }), name.contains("layers/")
        {
            let first = name.contains("channels_first") || name.contains("axis1")
            graph = try graph.surrounded(channelsFirst: first, random: &random) ?? graph
        }
        do {
            try Truth.checkRecovery(graph, name: name, .merge)
        } catch let error as ExecutionError where error.code == .unsupported {
            print("not run: \(name): \(error)")
        }
    }
}

extension Truth {
    /// Cuts all groups together, three times, and holds shrunk models against masked ones.
    ///
    /// - Returns: how many plans were checked.
    @discardableResult
    static func checkRecovery(
        _ graph: ModelGraph, name: String, _ recovery: DataFreeRecovery
    ) throws -> Int {
        var random = SeededGenerator(seed: seed(name))
        let model = try PrunableModel(graph)
        var keeping = model
        keeping.keptMoments = KeptMoments()
        let groups = model.groups.groups.indices.filter {
            model.groups.groups[$0].fewest < model.groups.groups[$0].size
        }
        guard let inputs = try inputs(of: graph, random: &random), !groups.isEmpty else { return 0 }
        for _ in 0..<3 {
            let plan = randomPlan(model, cutting: groups, random: &random)
            let pruned = try model.pruned(by: plan, recovery: recovery)
            let masked = try #require(pruned.masked)
            let expected = try run(masked.graph, inputs)
            let difference = difference(try run(pruned.graph, inputs), expected)
            #expect(difference <= 1e-4, "\(name), seed \(seed(name))")
            // From what was kept of the plan before, the same.
            let again = try keeping.pruned(by: plan, recovery: recovery)
            for (a, b) in zip(pruned.graph.layers, again.graph.layers) {
                let isSame = a.weights.map { $0.floats() } == b.weights.map { $0.floats() }
                #expect(isSame, "\(name), \(a.name)")
            }
            for report in pruned.recoveries {
                #expect(report.error.isFinite && report.error >= 0)
                #expect(report.error <= report.errorOfMeans * 1.001 + 1e-6, "\(name), \(report)")
            }
        }
        return 3
    }
}

extension PrunableModel {
    /// A plan that removes these units of one group and nothing else.
    func plan(removing units: [Int], of group: String) throws -> PruningPlan {
        var plan = PruningPlan(keepingAllOf: self, criterion: "none")
        let index = try #require(plan.groups.firstIndex { $0.group == group })
        plan.groups[index].kept.removeAll { units.contains($0) }
        return plan
    }
}

extension ModelGraph {
    /// Changes the values of one weight.
    mutating func change(
        _ layer: String, _ role: String, _ body: (inout [Float]) -> Void
    ) {
        for index in layers.indices where layers[index].name == layer {
            for place in layers[index].weights.indices
            where layers[index].weights[place].role == role {
                var values = layers[index].weights[place].floats()
                body(&values)
                layers[index].weights[place] = layers[index].weights[place].replacing(
                    values: values)
            }
        }
    }

    /// Whether every weight is a number.
    fileprivate var isFinite: Bool {
        layers.allSatisfy { $0.weights.allSatisfy { $0.floats().allSatisfy(\.isFinite) } }
    }
}
