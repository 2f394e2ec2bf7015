import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Synchronization
import Testing

@testable import Pruning

/// Samples of random values for a network.
func randomSamples(
    of graph: ModelGraph, count: Int, seed: UInt64 = 1, scale: ClosedRange<Float> = -1...1
) throws -> MemorySamples {
    var random = SeededGenerator(seed: seed)
    let shapes = try graph.inferShapes()
    return MemorySamples(
        graph.inputs.map { input in
            let shape = [count] + shapes[input].dimensions.dropFirst().map { $0 ?? 1 }
            let values = (0..<shape.reduce(1, *)).map { _ in
                Float.random(in: scale, using: &random)
            }
            return Tensor(shape: shape, values: values)
        })
}

/// What a walk gives must not depend on what it keeps, nor on how samples fall into batches.
@Suite struct ActivationWalkTests {
    /// Two branches that meet, one of them long.
    private func network() throws -> ModelGraph {
        var builder = NetworkBuilder(seed: 4)
        let input = try builder.input([6, 6, 2])
        let first = try builder.add(
            "Conv2D", "first", ["filters": 3, "kernel_size": [3, 3], "padding": "same"], [input])
        let second = try builder.add(
            "Conv2D", "second", ["filters": 3, "kernel_size": [3, 3], "padding": "same"], [first])
        let active = try builder.add("Activation", "active", ["activation": "relu"], [second])
        let again = builder.call("second", [active])
        let sum = try builder.add("Add", "sum", [:], [again, first])
        let flat = try builder.add("Flatten", "flat", [:], [sum])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 3], [flat])]
        return builder.graph
    }

    private func all(
        _ tensor: TensorReference, _ walk: ActivationWalk
    ) throws -> [Float] {
        let leg = try walk.leg(to: [tensor])
        var values: [Float] = []
        var next = 0
        try leg.run {
            $1
        } take: { range, tensors in
            #expect(range.lowerBound == next)
            next = range.upperBound
            let found = try #require(tensors[tensor])
            let size = found.shape.dropFirst().reduce(1, *)
            values += found.values.prefix(range.count * size)
        }
        leg.finish()
        #expect(next == walk.samples.count)
        return values
    }

    @Test(arguments: [1, 63, 64, 65, 150], [0, 2000, 40_000, 1 << 30])
    func tensorsAreThoseOfOneRun(count: Int, byteLimit: Int) throws {
        let graph = try network()
        let samples = try randomSamples(of: graph, count: count)
        let walk = ActivationWalk(
            graph, shapes: try graph.inferShapes(), samples: samples, byteLimit: byteLimit)
        let order = graph.nodes.indices.map { TensorReference(node: $0) }
        let whole = try PreparedModel(
            graph, batch: count, options: PreparationOptions(optimizes: false, captures: order))
        let captured = try whole.capture(samples.tensors(0..<count)).captures
        for tensor in order {
            let found = Tensor(shape: [count], values: try all(tensor, walk))
            var expected = try #require(captured[tensor])
            expected.shape = [count]
            #expect(Truth.difference([found], [expected]) <= 1e-5, "node \(tensor.node)")
        }
    }

    @Test(arguments: [0, 2000, 1 << 30])
    func changedWeightsOfASharedLayerAreSeenBehindItsFirstCall(byteLimit: Int) throws {
        let graph = try network()
        let samples = try randomSamples(of: graph, count: 5)
        let walk = ActivationWalk(
            graph, shapes: try graph.inferShapes(), samples: samples, byteLimit: byteLimit)
        let sum = try #require(graph.nodes.firstIndex { graph.layers[$0.layer].name == "sum" })
        _ = try all(TensorReference(node: sum), walk)
        let shared = try #require(graph.layers.firstIndex { $0.name == "second" })
        for place in walk.graph.layers[shared].weights.indices {
            let weight = walk.graph.layers[shared].weights[place]
            walk.graph.layers[shared].weights[place] = weight.replacing(
                values: weight.floats().map { $0 * 2 })
        }
        walk.forget(outputsOf: shared)
        let found = try all(walk.graph.outputs[0], walk)
        let expected = try Truth.run(walk.graph, samples.tensors(0..<5))
        #expect(
            Truth.difference([Tensor(shape: [5, 3], values: found)], expected) <= 1e-5)
    }

    @Test(arguments: Truth.files("models", ending: ".h5"))
    func shippedModelWalkedLayerByLayerGivesItsOutputs(path: String) throws {
        let graph = try KerasModel.read(path: path).graph
        let samples = try randomSamples(of: graph, count: 3, scale: 0...1)
        for byteLimit in [0, 100_000, 1 << 30] {
            let walk = ActivationWalk(
                graph, shapes: try graph.inferShapes(), samples: samples, byteLimit: byteLimit)
            for site in LinearSite.sites(of: graph) {
                for input in site.inputs(in: graph) { _ = try all(input, walk) }
            }
            let found = try all(graph.outputs[0], walk)
            let expected = try Truth.run(graph, samples.tensors(0..<3))
            #expect(
                Truth.difference([Tensor(shape: expected[0].shape, values: found)], expected)
                    <= 1e-5)
        }
    }
}
