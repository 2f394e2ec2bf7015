import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

/// The order of units and the measured curves, where it is known what they must be.
@Suite struct CalibratedImportanceTests {
    private func measured(
        _ graph: ModelGraph, protecting: [String] = [], count: Int = 200
    ) throws -> CalibratedImportance {
        try ImportanceMeasurement(
            try PrunableModel(graph, protecting: protecting),
            samples: try randomSamples(of: graph, count: count)
        ).run()
    }

    private func group(_ importance: CalibratedImportance, _ name: String) throws
        -> CalibratedImportance.Group
    {
        try #require(importance.groups.first { $0.name == name })
    }

    private func chain() throws -> NetworkBuilder {
        var builder = NetworkBuilder(seed: 17)
        let input = try builder.input([6, 6, 2])
        let first = try builder.add(
            "Conv2D", "first",
            ["filters": 8, "kernel_size": [3, 3], "padding": "same", "activation": "relu"], [input])
        let second = try builder.add(
            "Conv2D", "second", ["filters": 6, "kernel_size": [3, 3], "activation": "relu"], [first]
        )
        let flat = try builder.add("Flatten", "flat", [:], [second])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 3], [flat])]
        return builder
    }

    @Test func duplicatedChannelsGoFirstAtNoCost() throws {
        var graph = try chain().graph
        graph.change("first", "kernel") { values in
            for row in 0..<18 {
                values[row * 8 + 5] = values[row * 8 + 2]
                values[row * 8 + 6] = 2 * values[row * 8 + 1]
            }
        }
        graph.change("first", "bias") { values in
            values[5] = values[2]
            values[6] = 2 * values[1]
        }
        let found = try group(try measured(graph), "first")
        let gone = Set(found.order.prefix(2).map { [5: 2, 6: 1][$0] ?? $0 })
        #expect(gone == [1, 2])
        #expect(found.losses[2] <= 2e-3 && found.losses[3] > 10 * found.losses[2])
        let six = try #require(found.measured.first { $0.width == 6 })
        let five = try #require(found.measured.first { $0.width == 5 })
        #expect(six.divergence <= 1e-4 && five.divergence > 10 * six.divergence)
    }

    @Test(arguments: Truth.files("models", ending: ".h5"))
    func curvesNeverFallAsWidthsShrink(path: String) throws {
        let graph = try KerasModel.read(path: path).graph
        var options = CalibratedImportance.Options()
        options.samples = 64
        options.shares = [0.75, 0.5]
        options.rows = 4000
        let found = try ImportanceMeasurement(
            try PrunableModel(graph), samples: try Fashion.samples(100), options: options
        ).run()
        #expect(found.samples == 64)
        for group in found.groups {
            let curve = group.divergences
            #expect(curve.count == group.size + 1 && curve[group.size] == 0)
            #expect(zip(curve, curve.dropFirst()).allSatisfy { $0 >= $1 && $0.isFinite })
            #expect(Set(group.order).count == group.order.count)
            #expect(group.losses.count == group.order.count + 1)
            #expect(zip(group.losses, group.losses.dropFirst()).allSatisfy { $0 <= $1 })
        }
    }

    @Test func protectedUnitsStay() throws {
        let importance = try measured(try chain().graph, protecting: ["second"])
        #expect(try group(importance, "second").order.isEmpty)
        #expect(try group(importance, "first").order.count == 7)
        let scores = try group(importance, "second").scores
        #expect(scores == Array(repeating: 6, count: 6))
    }

    @Test func outputsOfTheModelStay() throws {
        let importance = try measured(try chain().graph)
        #expect(importance.groups.filter { $0.name == "out" }.allSatisfy { $0.order.isEmpty })
    }

    /// Layers that are not matrix products read channels too; taking those away must show in the output.
    @Test(arguments: ["LSTM", "GRU", "SimpleRNN"])
    func channelsReadByRecurrentLayersCostSomething(className: String) throws {
        var builder = NetworkBuilder(seed: 6)
        let input = try builder.input([5, 4])
        let hidden = try builder.add(
            "Dense", "hidden", ["units": 6, "activation": "tanh"], [input])
        let state = try builder.add(className, "state", ["units": 4], [hidden])
        let wide = try builder.add("Dense", "wide", ["units": 5, "activation": "relu"], [state])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 3], [wide])]
        let importance = try measured(builder.graph)
        for name in ["hidden", "wide"] {
            let found = try group(importance, name)
            let last = try #require(found.measured.last)
            #expect(last.divergence > 1e-4, "\(name)")
        }
    }

    @Test func sameBytesTwice() throws {
        let graph = try chain().graph
        #expect(try measured(graph) == measured(graph))
    }
}
