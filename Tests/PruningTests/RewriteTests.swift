import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

@Suite struct RewriteTests {
    /// Two dense layers: removing hidden unit 1 leaves what it carries, relu(bias), in the second bias.
    @Test func constantOfRemovedUnitMovesIntoTheBias() throws {
        var builder = NetworkBuilder()
        let input = try builder.input([2])
        let hidden = try builder.add(
            "Dense", "hidden", ["units": 3, "activation": "relu"], [input])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 2], [hidden])]
        builder.graph.layers[1].weights = [
            Weight(role: "kernel", shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
            Weight(role: "bias", shape: [3], values: [0.5, 2, -1]),
        ]
        builder.graph.layers[2].weights = [
            Weight(role: "kernel", shape: [3, 2], values: [1, 2, 3, 4, 5, 6]),
            Weight(role: "bias", shape: [2], values: [10, 20]),
        ]
        let model = try PrunableModel(builder.graph)
        #expect(model.groups.groups.map(\.name) == ["hidden", "out"])
        #expect(model.groups["out"]?.removableCount == 0)
        var plan = PruningPlan(keepingAllOf: model, criterion: "none")
        plan.groups[0].kept = [0, 2]

        let masked = try model.masked(by: plan)
        #expect(masked.graph.layers[1].weights[0].floats() == [1, 0, 3, 4, 0, 6])
        #expect(masked.graph.layers[2].weights[0].floats() == [1, 2, 0, 0, 5, 6])
        #expect(masked.graph.layers[2].weights[1].floats() == [16, 28])
        #expect(
            masked.folds == [
                FoldReport(
                    layer: "out", target: .weight(role: "bias"), shift: [6, 8], edge: [0, 0],
                    problems: [])
            ])

        let shrunk = try model.shrunk(masked)
        #expect(shrunk.layers[1].configuration["units"] == 2)
        #expect(shrunk.layers[1].weights[0].floats() == [1, 3, 4, 6])
        #expect(shrunk.layers[1].weights[1].floats() == [0.5, -1])
        #expect(shrunk.layers[2].weights[0].floats() == [1, 2, 5, 6])
        #expect(shrunk.layers[2].weights[1].floats() == [16, 28])
    }

    @Test func biasIsAddedWhereThereIsNone() throws {
        var builder = NetworkBuilder()
        let input = try builder.input([4, 4, 1])
        let first = try builder.add(
            "Conv2D", "first", ["filters": 2, "kernel_size": [1, 1]], [input])
        let second = try builder.add(
            "Conv2D", "second",
            ["filters": 1, "kernel_size": [2, 2], "use_bias": false, "padding": "same"], [first])
        builder.graph.outputs = [second]
        builder.graph.layers[1].weights = [
            Weight(role: "kernel", shape: [1, 1, 1, 2], values: [1, 1]),
            Weight(role: "bias", shape: [2], values: [0, 3]),
        ]
        builder.graph.layers[2].weights = [
            Weight(role: "kernel", shape: [2, 2, 2, 1], values: [1, 1, 1, -2, 1, 3, 1, 4])
        ]
        let model = try PrunableModel(builder.graph)
        var plan = PruningPlan(keepingAllOf: model, criterion: "none")
        plan.groups[0].kept = [0]
        let masked = try model.masked(by: plan)
        #expect(masked.folds.first?.target == .addedBias)
        #expect(masked.folds.first?.shift == [18])
        #expect(masked.folds.first?.edge == [30])
        let shrunk = try model.shrunk(masked)
        #expect(shrunk.layers[2].weights.map(\.role) == ["kernel", "bias"])
        #expect(shrunk.layers[2].weights[1].floats() == [18])
        #expect(shrunk.layers[2].configuration["use_bias"] == true)
    }

    @Test func gatherKeepsTypeAndOrder() {
        let weight = Weight(role: "kernel", shape: [2, 3, 4], values: (0..<24).map(Float.init))
        let cut = weight.gathering([nil, [0, 2], [1, 3]])
        #expect(cut.shape == [2, 2, 2])
        #expect(cut.floats() == [1, 3, 9, 11, 13, 15, 21, 23])
        #expect(weight.gathering([[1], nil, nil]).floats() == (12..<24).map(Float.init))
        #expect(weight.gathering([nil, [1], nil]).floats() == [4, 5, 6, 7, 16, 17, 18, 19])
        let half = Weight(
            role: "kernel", shape: [2, 2], elementType: .float16,
            storage: WeightStorage(byteCount: 8) { _ in }
        ).replacing(values: [1, 2, 3, 4])
        #expect(half.gathering([nil, [1]]).elementType == .float16)
        #expect(half.gathering([nil, [1]]).floats() == [2, 4])
    }
}
