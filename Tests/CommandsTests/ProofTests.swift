import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing
import VariantStore

@testable import Commands

/// What networks are run on, and how their outputs are compared.
@Suite struct ProofTests {
    private static func layers(_ name: String) throws -> ModelGraph {
        let file = Prune.root.appending(path: "Tests/Reference/layers/\(name).h5")
        return try KerasModel.read(path: file.path).graph
    }

    private static func range(_ name: String) throws -> InputRange {
        let graph = try layers(name)
        let ranges = InputRange.ranges(of: graph, shapes: try graph.inferShapes())
        return try #require(ranges.first)
    }

    /// Settings as they stand in `Tests/Reference/cases`.
    @Test func inputsAreOfTheRangeThatTheirReadersExpect() throws {
        let embedding = try #require(
            try Self.layers("embedding").layers.compactMap { $0.definition as? Embedding }.first)
        #expect(
            try Self.range("embedding")
                == InputRange(
                    lowest: 0, highest: Float(embedding.vocabulary - 1), isWhole: true))
        #expect(try Self.range("dense") == InputRange(lowest: -1, highest: 1))
        let image = try KerasModel.read(path: Prune.model("fashion-vgg")).graph
        #expect(
            InputRange.ranges(of: image, shapes: try image.inferShapes())
                == [InputRange(lowest: 0, highest: 1)])
    }

    @Test func wholeNumbersStayInTheirTable() {
        let inputs = RandomInputs(count: 100, seed: 3)
        let range = InputRange(lowest: 0, highest: 6, isWhole: true)
        let values = inputs.tensors(Array(0..<100), shapes: [[100, 10]], ranges: [range])[0].values
        #expect(Set(values) == [0, 1, 2, 3, 4, 5, 6])
    }

    @Test func aSampleDoesNotDependOnItsBatch() {
        let inputs = RandomInputs(count: 8, seed: 5)
        let range = InputRange(lowest: -1, highest: 1)
        let ranges = [range, range]
        let all = inputs.tensors([0, 1, 2, 3], shapes: [[4, 3], [4, 2]], ranges: ranges)
        let one = inputs.tensors([2], shapes: [[1, 3], [1, 2]], ranges: ranges)
        #expect(Array(all[0].values[6..<9]) == one[0].values)
        #expect(Array(all[1].values[4..<6]) == one[1].values)
        #expect(Set(all[0].values + all[1].values).count == 20)
        #expect(all[0].values.allSatisfy { (-1..<1).contains($0) })
    }

    private static func tensor(_ values: [Float], first: Int = 0) -> ProofTensor {
        ProofTensor(slot: 0, layer: "out", firstInput: first, sampleShape: [2, 2], values: values)
    }

    private static func result(
        _ expected: [Float], _ found: [Float]
    ) throws -> ProofResult {
        var comparison = ProofComparison()
        comparison.compare(tensor(expected), tensor(found))
        let record = comparison.record(of: RandomInputs(count: 2, seed: 1), tolerance: 1e-4)
        guard case .run(let result) = record else { throw CommandFailure(.no, "not run") }
        return result
    }

    @Test func theLargestDifferenceIsFound() throws {
        let expected: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
        var found = expected
        found[6] = 7.5
        let proof = try Self.result(expected, found)
        #expect(proof.largestDifference == 0.5)
        #expect(proof.relativeDifference == 0.0625)
        #expect(!proof.holds)
        #expect(proof.worst?.input == 1)
        #expect(proof.worst?.index == [1, 0])
        #expect(proof.worst?.masked == 7)
        #expect(proof.worst?.shrunk == 7.5)
    }

    @Test func scaleIsThatOfAllInputs() throws {
        var comparison = ProofComparison()
        comparison.compare(Self.tensor([1e-6, 0, 0, 0]), Self.tensor([2e-6, 0, 0, 0]))
        comparison.compare(
            Self.tensor([1, 0, 0, 0], first: 1), Self.tensor([1, 0, 0, 0], first: 1))
        let record = comparison.record(of: RandomInputs(count: 2, seed: 1), tolerance: 1e-4)
        guard case .run(let result) = record else {
            Issue.record("not run")
            return
        }
        #expect(result.holds)
        #expect(abs(result.relativeDifference - 1e-6) < 1e-12)
    }

    @Test func whatIsNoNumberDiffers() throws {
        let one: [Float] = [1, 1, 1, 1]
        #expect(try !Self.result(one, [1, .nan, 1, 1]).holds)
        #expect(try !Self.result([1, .nan, 1, 1], one).holds)
        #expect(try !Self.result(one, [1, .infinity, 1, 1]).holds)
        #expect(try Self.result([1, .nan, .infinity, 1], [1, .nan, .infinity, 1]).holds)
        var comparison = ProofComparison()
        let empty = Self.tensor([.nan, .nan, .nan, .nan])
        comparison.compare(empty, empty)
        let record = comparison.record(of: RandomInputs(count: 1, seed: 1), tolerance: 1e-4)
        #expect(
            record
                == .notRun(
                    reason: "layer 'out' gives no finite number on the inputs that were tried"))
    }

    /// What a manifest keeps is the same on every processor.
    @Test func aProofThatHoldsIsKeptAsABound() {
        func result(_ difference: Double) -> ProofResult {
            ProofResult(
                source: .random(seed: 1), inputs: 4, largestDifference: difference,
                relativeDifference: difference, tolerance: 1e-4,
                worst: .init(layer: "out", input: 0, index: [0], masked: 1, shrunk: 1))
        }
        for (difference, bound) in [(0, 1e-6), (3e-7, 1e-6), (2e-6, 1e-5), (5e-5, 1e-4)] {
            let kept = result(difference).bounded
            #expect(kept.relativeDifference == bound)
            #expect(kept.holds)
            #expect(kept.largestDifference == nil)
            #expect(kept.worst == nil)
        }
        #expect(result(2e-4).bounded == result(2e-4))
    }

    /// Batches, rounds and turns change nothing but the order of sums.
    @Test func batchesDoNotMatter() throws {
        let graph = try KerasModel.read(path: Prune.model("fashion-resnet")).graph
        for count in [1, 5, 33] {
            let proof = try Proof(
                masked: { graph }, shrunk: graph, inputs: RandomInputs(count: count, seed: 1),
                activationByteCount: 16 << 20)
            #expect(
                proof.record
                    == .run(
                        ProofResult(
                            source: .random(seed: 1), inputs: count, largestDifference: 0,
                            tolerance: 1e-4)))
        }
    }

    @Test func anotherNetworkFails() throws {
        let graph = try KerasModel.read(path: Prune.model("fashion-resnet")).graph
        var other = graph
        let index = try #require(other.layers.firstIndex { $0.name == "stem_conv" })
        let kernel = other.layers[index].weights[0]
        other.layers[index].weights[0] = kernel.replacing(values: kernel.floats().map { $0 * 1.01 })
        let proof = try Proof(
            masked: { graph }, shrunk: other, inputs: RandomInputs(count: 2, seed: 1),
            activationByteCount: 0)
        #expect(!proof.holds)
        #expect(proof.record.failure.contains("where 1.0e-04 is allowed"))
    }

    /// The tent map x ↦ 1 − 2|x|, eight times side by side: each call doubles what two inputs differ by.
    private static func tents(_ count: Int) throws -> ModelGraph {
        var graph = ModelGraph(name: "tents", layers: [], nodes: [], inputs: [], outputs: [])
        func add(_ className: String, _ configuration: JSON, _ weights: [(String, [Int], [Float])])
            throws
        {
            graph.layers.append(
                Layer(
                    path: ["\(className)-\(graph.nodes.count)"], className: className,
                    configuration: configuration,
                    definition: try LayerRegistry.definition(
                        className: className, configuration: configuration),
                    weights: weights.map { Weight(role: $0.0, shape: $0.1, values: $0.2) }))
            let previous = TensorReference(node: graph.nodes.count - 1)
            graph.nodes.append(
                Node(layer: graph.nodes.count, inputs: graph.nodes.isEmpty ? [] : [previous]))
        }
        try add("InputLayer", ["batch_shape": [.null, 8]], [])
        let signs = (0..<8).flatMap { row in
            (0..<16).map { column in column % 8 == row ? column < 8 ? 1 : -1 : Float(0) }
        }
        let slopes = (0..<16).flatMap { row in
            (0..<8).map { column in row % 8 == column ? -2 : Float(0) }
        }
        let ones = [Float](repeating: 1, count: 8)
        for _ in 0..<count {
            try add(
                "Dense", ["units": 16, "activation": "relu", "use_bias": false],
                [("kernel", [8, 16], signs)])
            try add("Dense", ["units": 8], [("kernel", [16, 8], slopes), ("bias", [8], ones)])
        }
        graph.inputs = [TensorReference(node: 0)]
        graph.outputs = [TensorReference(node: graph.nodes.count - 1)]
        return graph
    }

    /// Thirteen doublings make 1e-3 of the last bit, which no order of summation can keep below 1e-4.
    @Test(arguments: [(1 + Float.ulpOfOne, true), (1 + 8 * Float.ulpOfOne, false)])
    func whatRoundingAloneMakesIsAllowed(factor: Float, holds: Bool) throws {
        let graph = try Self.tents(13)
        var other = graph
        let kernel = other.layers[1].weights[0]
        other.layers[1].weights[0] = kernel.replacing(values: kernel.floats().map { $0 * factor })
        let proof = try Proof(
            masked: { graph }, shrunk: other, inputs: RandomInputs(count: 4, seed: 1),
            activationByteCount: 0)
        guard case .run(let result) = proof.record else {
            Issue.record("not run")
            return
        }
        #expect(result.relativeDifference > 1e-4)
        #expect((1e-3..<1e-2).contains(result.tolerance))
        #expect(result.holds == holds)
        if holds {
            #expect(proof.record.sentence.contains("it magnifies rounding"))
            #expect(result.bounded.tolerance == 1e-2)
            #expect(result.bounded.holds)
        }
    }

    @Test func nudgedInputsDifferByTheirLastBit() throws {
        let base = RandomInputs(count: 2, seed: 1)
        let ranges = [
            InputRange(lowest: 1, highest: 2), InputRange(lowest: 0, highest: 6, isWhole: true),
        ]
        let shapes = [[2, 500], [2, 500]]
        let before = base.tensors([0, 1], shapes: shapes, ranges: ranges)
        let after = try NudgedInputs(base: base, round: 1).tensors(
            [0, 1], shapes: shapes, ranges: ranges)
        let steps = zip(before[0].values, after[0].values).map {
            Int($1.bitPattern) - Int($0.bitPattern)
        }
        #expect(Set(steps) == [-2, -1, 0, 1, 2])
        #expect(after[1].values == before[1].values)
    }

    /// Networks that look numbers up in tables, pruned and proven end to end.
    @Test(arguments: [
        "embedding", "embedding_dense", "embedding_mask_lstm", "embedding_matrix", "gru",
        "lstm_stack",
        "rescaling",
    ])
    func networksWithOtherInputsAreProven(name: String) throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = Prune.root.appending(path: "Tests/Reference/layers/\(name).h5").path
        let result = try Prune.run([
            "--budget", "parameter-fraction=0.8", "--model", model, "--granularity",
            "channel,weight",
            "-o", folder.appending(path: "v.h5").path,
        ])
        guard result.status == 0 else {
            #expect(result.error.contains("cannot be met"), "\(result.error)")
            return
        }
        #expect(result.output.contains("Proof: shrunk equals masked to"), "\(result.output)")
        let verified = try Prune.run([
            "verify", "--model", folder.appending(path: "v.h5").path, "--base", model,
        ])
        #expect(verified.status == 0, "\(verified.error)")
    }
}
