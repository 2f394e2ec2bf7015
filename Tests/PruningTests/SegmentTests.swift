import Execution
import Foundation
import KerasFormat
import ModelGraph
import Testing

@testable import Pruning

/// Parts of a network, run one after the other, must give what the whole gives.
@Suite struct SegmentTests {
    @Test(arguments: Truth.files("models", ending: ".h5") + Truth.formats)
    func partsOfANetworkGiveTheWhole(path: String) throws {
        try check(path)
    }

    @Test(arguments: Truth.files("Tests/Reference/layers", ending: ".h5"))
    func partsOfALayerFixtureGiveTheWhole(path: String) throws {
        try check(path)
    }

    private func check(_ path: String) throws {
        let name = path.split(separator: "/").suffix(2).joined(separator: "/")
        var random = SeededGenerator(seed: Truth.seed(name))
        // What cannot be read or run is refused elsewhere.
        guard let graph = try? KerasModel.read(path: path).graph else { return }
        guard var inputs = try Truth.inputs(of: graph, random: &random) else { return }
        if graph.layers.contains(where: { $0.className == "Embedding" }) {
            for index in inputs.indices {
                inputs[index].values = inputs[index].values.map { ($0 * 2 + 2).rounded(.down) }
            }
        }
        guard let expected = try? Truth.run(graph, inputs) else { return }
        let shapes = try graph.inferShapes(
            inputs: inputs.map { Shape([nil] + $0.shape.dropFirst().map(Optional.some)) })
        guard
            graph.nodes.indices.allSatisfy({ node in
                shapes.nodes[node].allSatisfy { $0.sampleElementCount != nil }
            })
        else { return }
        for cuts in [1, 3] {
            let found = try run(graph, inputs, shapes, cuts: cuts, random: &random)
            #expect(Truth.difference(found, expected) <= 1e-5, "\(name), \(cuts) cuts")
        }
    }

    /// Runs up to random nodes, each time from what is known by then, and at last to the outputs.
    private func run(
        _ graph: ModelGraph, _ inputs: [Tensor], _ shapes: TensorShapes, cuts: Int,
        random: inout SeededGenerator
    ) throws -> [Tensor] {
        var known = Dictionary(uniqueKeysWithValues: zip(graph.inputs, inputs))
        var stops = (0..<cuts).map { _ in Int.random(in: graph.nodes.indices, using: &random) }
        stops.sort()
        for stop in stops {
            let wanted = shapes.nodes[stop].indices.map { TensorReference(node: stop, output: $0) }
            try advance(to: wanted, graph, shapes, &known, given: Set(known.keys), inputs)
        }
        // Inputs count as not known here: what is needed besides is computed from them.
        let given = Set(known.keys).subtracting(graph.inputs)
        try advance(to: graph.outputs, graph, shapes, &known, given: given, inputs)
        return graph.outputs.compactMap { known[$0] }
    }

    private func advance(
        to wanted: [TensorReference], _ graph: ModelGraph, _ shapes: TensorShapes,
        _ known: inout [TensorReference: Tensor], given: Set<TensorReference>, _ inputs: [Tensor]
    ) throws {
        let segment = try graph.segment(making: wanted, from: given, shapes: shapes)
        #expect(segment.outputs.allSatisfy { !given.contains($0) })
        guard !segment.outputs.isEmpty else { return }
        let tensors = segment.inputs.compactMap { known[$0] }
        let outputs = try Truth.run(segment.graph, tensors)
        for (reference, tensor) in zip(segment.outputs, outputs) { known[reference] = tensor }
    }
}
