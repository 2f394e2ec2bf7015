import Datasets
import Execution
import ModelGraph
import Pruning
import VariantStore

/// Samples of a data set on which channels are weighed and kernels are fitted.
struct DatasetSamples: CalibrationSamples {
    /// Samples that are used where nobody says how many.
    static let usualCount = 2000

    private let dataset: Dataset
    /// Which samples, in an order that knows no classes: data may be sorted by them.
    private let chosen: [Int]
    let sampleShapes: [[Int]]
    /// Of the samples as the network sees them, in their order.
    let digest: FileDigest
    let seed: UInt64

    var count: Int { chosen.count }

    /// Chooses samples for a model.
    ///
    /// - Throws: ``CommandFailure`` for a model with several inputs; `DatasetError` for samples that do not fit.
    init(_ dataset: Dataset, for graph: ModelGraph, count: Int, seed: UInt64) throws {
        self.dataset = dataset
        self.seed = seed
        var chosen = dataset.sampleIndices(count: count, seed: seed)
        var random = SeededRandom(seed, stream: 0, number: chosen.count)
        for place in chosen.indices.dropLast() {
            let step = Int(random.next() * Float(chosen.count - place))
            chosen.swapAt(place, min(place + step, chosen.count - 1))
        }
        self.chosen = chosen
        let shape = try ModelInput.sampleShape(graph, for: dataset)
        sampleShapes = [shape]
        digest = try dataset.digest(of: chosen, shape: shape)
    }

    /// The number of a sample in its data set.
    func number(_ index: Int) -> Int { chosen[index] }

    func tensors(_ samples: Range<Int>) throws -> [Tensor] {
        try sampleShapes.map { shape in
            let values = try dataset.samples(at: samples.map { chosen[$0] }, shape: shape)
            return Tensor(shape: [samples.count] + shape, values: values)
        }
    }
}
