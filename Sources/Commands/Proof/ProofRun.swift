import Execution
import ModelGraph
import Workers

/// Some samples of one tensor that a network gives.
struct ProofTensor {
    /// Which of the tensors that are compared.
    var slot: Int
    /// The layer that gives it.
    var layer: String
    /// The number of the first sample.
    var firstInput: Int
    /// Without the batch.
    var sampleShape: [Int]
    /// Samples one behind the other.
    var values: [Float]
}

/// A network that runs batch by batch over the inputs of a proof.
struct ProofRun {
    private let model: PreparedModel
    private let captures: [TensorReference]
    private let ranges: [InputRange]
    /// The layers that give the outputs, then those of the captures.
    private let layers: [String]
    private let batch: Int

    /// Threads that compute: no more than there are to be had, as they wait for each other.
    private static var threads: Int { min(2, Workers.count) }

    /// Prepares a network.
    ///
    /// - Throws: ``ExecutionError`` if it cannot be run.
    init(
        _ graph: ModelGraph, captures: [TensorReference], batch: Int, sampleShapes: [[Int]]?
    ) throws {
        let options = PreparationOptions(
            threads: Self.threads, usesWinograd: false, captures: captures)
        model = try PreparedModel(
            graph, inputShapes: sampleShapes.map { $0.map { [batch] + $0 } }, batch: batch,
            options: options)
        self.captures = captures
        ranges = InputRange.ranges(of: graph, shapes: try graph.inferShapes())
        layers = (graph.outputs + captures).map { graph.layers[graph.nodes[$0.node].layer].name }
        // A network that was saved with a batch of its own keeps it.
        self.batch = model.inputShapes.first?.first ?? batch
    }

    /// As many samples at once as keep activations small beside the weights.
    static func batch(of count: Int, activationByteCount: Int) -> Int {
        max(1, min(count, 32, (64 << 20) / max(activationByteCount, 1)))
    }

    /// Runs the inputs from `start` on, batch by batch, and hands out each tensor.
    ///
    /// - Parameter each: says whether another batch is wanted.
    /// - Returns: the number of the first input that was not run.
    func run(
        _ inputs: any ProofInputs, from start: Int, upTo end: Int,
        each: (ProofTensor) -> Bool
    ) throws -> Int {
        var first = start
        var continues = true
        while first < end, continues {
            let count = min(batch, end - first)
            // The last batch is filled up with what was already there.
            let samples = (0..<batch).map { first + min($0, count - 1) }
            let tensors = try inputs.tensors(samples, shapes: model.inputShapes, ranges: ranges)
            let (outputs, captured) = try model.capture(tensors)
            let all = outputs + captures.compactMap { captured[$0] }
            for (slot, tensor) in all.enumerated() {
                let slice = Self.slice(
                    tensor, slot: slot, layer: layers[slot], first: first, count: count,
                    batch: batch)
                if !each(slice) { continues = false }
            }
            first += count
        }
        return first
    }

    private static func slice(
        _ tensor: Tensor, slot: Int, layer: String, first: Int, count: Int, batch: Int
    ) -> ProofTensor {
        guard tensor.shape.first == batch else {
            return ProofTensor(
                slot: slot, layer: layer, firstInput: first, sampleShape: tensor.shape,
                values: tensor.values)
        }
        let size = tensor.values.count / max(batch, 1)
        return ProofTensor(
            slot: slot, layer: layer, firstInput: first,
            sampleShape: Array(tensor.shape.dropFirst()),
            values: Array(tensor.values.prefix(size * count)))
    }
}
