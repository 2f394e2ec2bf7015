import Datasets
import Execution
import ModelGraph
import VariantStore

/// Samples of a data set on which two networks are held against each other.
struct DataInputs: ProofInputs {
    private let dataset: Dataset
    /// Which samples, ascending.
    private let chosen: [Int]
    let source: ProofResult.Source

    var count: Int { chosen.count }

    /// Chooses samples for a model.
    ///
    /// - Parameters:
    ///   - count: how many at most.
    ///   - seed: what the choice depends on.
    /// - Throws: ``CommandFailure`` for a model with several inputs or open sizes; ``DatasetError`` for samples that do not fit.
    init(_ dataset: Dataset, for graph: ModelGraph, count: Int, seed: UInt64) throws {
        self.dataset = dataset
        chosen = dataset.sampleIndices(count: count, seed: seed)
        let shape = try Self.sampleShape(of: graph, file: dataset.file)
        // The numbers that the networks see, so that the digest does not depend on how they are stored.
        var builder = DigestBuilder()
        for sample in chosen {
            try dataset.samples(at: [sample], shape: shape).withUnsafeBytes { builder.add($0) }
        }
        source = .data(sha256: builder.digest.sha256)
    }

    private static func sampleShape(of graph: ModelGraph, file: String) throws -> [Int] {
        let shapes = try graph.inferShapes()
        guard let input = graph.inputs.first, graph.inputs.count == 1 else {
            throw CommandFailure(
                .usage,
                "\(file): the model has \(graph.inputs.count) inputs, and data has one; leave --calibration out to use random inputs"
            )
        }
        let sizes = shapes[input].dimensions.dropFirst().compactMap(\.self)
        guard sizes.count == shapes[input].rank - 1 else {
            throw CommandFailure(
                .usage, "\(file): the model leaves the size of its input open; give --input-shape")
        }
        return sizes
    }

    func tensors(
        _ samples: [Int], shapes: [[Int]], ranges: [InputRange]
    ) throws -> [Tensor] {
        try shapes.map { shape in
            let values = try dataset.samples(
                at: samples.map { chosen[$0] }, shape: Array(shape.dropFirst()))
            return Tensor(shape: shape, values: values)
        }
    }
}
