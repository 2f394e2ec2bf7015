import Datasets
import Execution
import ModelGraph
import VariantStore

/// Samples of a data set on which two networks are held against each other.
struct DataInputs: ProofInputs {
    private let dataset: Dataset
    /// Which samples, ascending.
    private let chosen: [Int]
    private let shape: [Int]
    let source: ProofResult.Source

    var count: Int { chosen.count }

    /// Chooses samples for a model.
    ///
    /// - Parameters:
    ///   - count: how many at most.
    ///   - seed: what the choice depends on.
    /// - Throws: ``CommandFailure`` for a model with several inputs; `DatasetError` for samples that do not fit.
    init(_ dataset: Dataset, for graph: ModelGraph, count: Int, seed: UInt64) throws {
        self.dataset = dataset
        chosen = dataset.sampleIndices(count: count, seed: seed)
        shape = try ModelInput.sampleShape(graph, for: dataset)
        source = .data(sha256: try dataset.digest(of: chosen, shape: shape).sha256)
    }

    var sampleShapes: [[Int]]? { [shape] }

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

extension Dataset {
    /// The SHA-256 of samples and labels as a network sees them, however they are stored.
    ///
    /// - Parameters:
    ///   - samples: which, in order.
    ///   - shape: of one sample, without the batch.
    /// - Throws: `DatasetError` for samples that do not fit.
    func digest(of samples: [Int], shape: [Int]) throws(DatasetError) -> FileDigest {
        var builder = DigestBuilder()
        for start in stride(from: 0, to: samples.count, by: 64) {
            let piece = Array(samples[start..<min(start + 64, samples.count)])
            let values = try self.samples(at: piece, shape: shape)
            values.withUnsafeBytes { builder.add($0) }
            if let labels {
                piece.map { Int64(labels[$0]) }.withUnsafeBytes { builder.add($0) }
            }
        }
        return builder.digest
    }
}
