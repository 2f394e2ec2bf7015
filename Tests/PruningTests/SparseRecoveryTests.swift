import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

/// Zeros chosen on data: as many as asked for, always finite, and better than magnitudes alone.
@Suite struct SparseRecoveryTests {
    private func network() throws -> ModelGraph {
        var builder = NetworkBuilder(seed: 21)
        let input = try builder.input([8, 8, 4])
        let first = try builder.add(
            "Conv2D", "first", ["filters": 8, "kernel_size": [3, 3], "use_bias": false], [input])
        let normal = try builder.add("BatchNormalization", "normal", [:], [first])
        let active = try builder.add("Activation", "active", ["activation": "relu"], [normal])
        let depthwise = try builder.add(
            "DepthwiseConv2D", "depthwise", ["kernel_size": [3, 3], "activation": "relu"], [active])
        let grouped = try builder.add(
            "Conv2D", "grouped",
            ["filters": 8, "kernel_size": [2, 2], "groups": 2, "activation": "relu"], [depthwise])
        let flat = try builder.add("Flatten", "flat", [:], [grouped])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 5], [flat])]
        return builder.graph
    }

    private func recurrent() throws -> ModelGraph {
        var builder = NetworkBuilder(seed: 22)
        let input = try builder.input([5, 3])
        let steps = try builder.add("GRU", "steps", ["units": 4], [input])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 6], [steps])]
        return builder.graph
    }

    private enum Kind: CaseIterable { case random, constant, doubled, single, zero }

    private func samples(
        _ shape: [Int], _ kind: Kind = .random, count: Int = 48
    ) -> MemorySamples {
        var random = SeededGenerator(seed: 4)
        let size = shape.reduce(1, *)
        let count = kind == .single ? 1 : count
        let one = (0..<size).map { _ in Float.random(in: 0...1, using: &random) }
        let values: [Float]
        switch kind {
        case .random, .single:
            values = (0..<count * size).map { _ in Float.random(in: 0...1, using: &random) }
        case .constant: values = Array(repeating: 0.5, count: count * size)
        case .doubled: values = (0..<count).flatMap { _ in one }
        case .zero: values = Array(repeating: 0, count: count * size)
        }
        return MemorySamples([Tensor(shape: [count] + shape, values: values)])
    }

    private func sparsified(
        _ graph: ModelGraph, _ sparsity: WeightSparsity, _ samples: MemorySamples,
        _ choice: WeightChoice = .surgeon, refits: Bool = true
    ) throws -> (model: SparseModel, layers: [LayerFit]) {
        let model = try PrunableModel(graph)
        var options = Reconstruction.Options()
        options.refits = refits
        let reconstruction = Reconstruction(
            model,
            pruned: PrunedModel(
                graph: graph,
                plan: PruningPlan(
                    keepingAllOf: model, criterion: "l2"), kernels: []),
            samples: samples, options: options)
        return try reconstruction.sparsified(graph, sparsity, choosing: choice)
    }

    /// Zeros that are stored, kernel by kernel.
    private func zeros(_ model: SparseModel) -> [Int] {
        model.kernels.map { report in
            let weight = model.graph.layers[report.kernel.layer].weight(report.kernel.role)
            #expect(weight?.mask == nil)
            return weight?.floats().filter { $0 == 0 }.count ?? -1
        }
    }

    private func isFinite(_ graph: ModelGraph) -> Bool {
        graph.layers.allSatisfy { layer in
            layer.weights.allSatisfy { $0.floats().allSatisfy(\.isFinite) }
        }
    }

    private func bytes(_ graph: ModelGraph) -> [[Float]] {
        graph.layers.flatMap { layer in layer.weights.map { $0.floats() } }
    }

    @Test(arguments: WeightChoice.allCases, [true, false])
    func zerosAreAsManyAsAskedFor(choice: WeightChoice, refits: Bool) throws {
        let graph = try network()
        let kernels = graph.kernels()
        let total = kernels.reduce(0) { $0 + $1.elementCount }
        for count in [1, total / 2, total * 9 / 10, total - 3, total] {
            let found = try sparsified(
                graph, .global(zeros: count), samples([8, 8, 4]), choice, refits: refits
            ).model
            #expect(found.zeros == count)
            #expect(zeros(found) == found.kernels.map(\.zeros))
            #expect(isFinite(found.graph))
            #expect(
                found.sparsity.kernels
                    == found.kernels.map {
                        KernelPlan(kernel: $0.kernel.name, sparsity: .zeros($0.zeros))
                    })
        }
        let layers = WeightSparsity.layer(share: 0.7, of: kernels)
        let found = try sparsified(graph, layers, samples([8, 8, 4]), choice, refits: refits).model
        #expect(found.sparsity == layers)
        #expect(
            zeros(found)
                == kernels.map { Int((Double($0.elementCount) * 0.7).rounded()) })
    }

    @Test(arguments: ["2:4", "1:4", "1:3"], WeightChoice.allCases)
    func patternsHold(text: String, choice: WeightChoice) throws {
        let pattern = try #require(SparsityPattern(text))
        let graph = try network()
        let sparsity = WeightSparsity.pattern(pattern, of: graph.kernels())
        let found = try sparsified(graph, sparsity, samples([8, 8, 4]), choice).model
        let plain = try graph.sparsified(sparsity)
        #expect(found.kernels == plain.kernels && found.sparsity == plain.sparsity)
        #expect(zeros(found) == plain.kernels.map(\.zeros))
        // What a pattern leaves alone by magnitude holds the pattern: so no more goes.
        let again = try found.graph.sparsified(sparsity)
        #expect(bytes(again.graph) == bytes(found.graph))
    }

    @Test func recurrentKernelsGoByMagnitude() throws {
        let graph = try recurrent()
        let total = graph.kernels().reduce(0) { $0 + $1.elementCount }
        let found = try sparsified(graph, .global(zeros: total / 2), samples([5, 3])).model
        #expect(found.zeros == total / 2 && zeros(found) == found.kernels.map(\.zeros))
        #expect(found.kernels.map(\.zeros)[0] > 0 && isFinite(found.graph))
    }

    @Test func nothingAskedForChangesNothing() throws {
        let graph = try network()
        let found = try sparsified(graph, .global(zeros: 0), samples([8, 8, 4]))
        #expect(bytes(found.model.graph) == bytes(graph) && found.layers.isEmpty)
    }

    @Test(arguments: WeightChoice.allCases)
    func samplesThatSayNothingStopNothing(choice: WeightChoice) throws {
        let graph = try network()
        let total = graph.kernels().reduce(0) { $0 + $1.elementCount }
        for kind in Kind.allCases {
            let found = try sparsified(
                graph, .global(zeros: total * 3 / 4), samples([8, 8, 4], kind), choice
            ).model
            #expect(found.zeros == total * 3 / 4, "\(kind)")
            #expect(isFinite(found.graph), "\(kind)")
            #expect(
                zip(zeros(found), found.kernels).allSatisfy { $0 >= $1.zeros }, "\(kind)")
        }
    }

    @Test func sameInputsGiveSameBytes() throws {
        let graph = try network()
        let all = try (0..<2).map { _ in
            try sparsified(graph, .global(zeros: 700), samples([8, 8, 4])).model
        }
        #expect(bytes(all[0].graph) == bytes(all[1].graph))
    }

    @Test func errorFallsBelowThatOfMagnitudes() throws {
        let path = try #require(
            Truth.files("models", ending: ".h5").first { $0.hasSuffix("fashion-resnet.h5") })
        let graph = try KerasModel.read(path: path).graph
        let sparsity = WeightSparsity.layer(share: 0.8, of: graph.kernels())
        let found = try sparsified(graph, sparsity, samples([28, 28, 1], count: 64))
        #expect(found.layers.count == found.model.kernels.count)
        for layer in found.layers {
            #expect(layer.errorAfter <= layer.errorBefore, "\(layer)")
        }
    }
}
