package import Execution

/// Unlabelled samples of what a network will see, in the order in which they are used.
package protocol CalibrationSamples: Sendable {
    /// How many there are.
    var count: Int { get }

    /// The shape of one sample for each input of the model, without the batch.
    var sampleShapes: [[Int]] { get }

    /// Some samples as the model's inputs, batch first.
    func tensors(_ samples: Range<Int>) throws -> [Tensor]
}

/// Samples that are held in memory.
package struct MemorySamples: CalibrationSamples {
    package let count: Int
    package let sampleShapes: [[Int]]
    private let values: [[Float]]

    /// - Parameter inputs: all samples of each input, batch first; all with the same batch.
    package init(_ inputs: [Tensor]) {
        count = inputs.first?.shape.first ?? 0
        sampleShapes = inputs.map { Array($0.shape.dropFirst()) }
        values = inputs.map(\.values)
    }

    package func tensors(_ samples: Range<Int>) -> [Tensor] {
        zip(sampleShapes, values).map { shape, values in
            let size = shape.reduce(1, *)
            return Tensor(
                shape: [samples.count] + shape,
                values: Array(values[samples.lowerBound * size..<samples.upperBound * size]))
        }
    }
}

/// The first samples of some.
struct SampleHead: CalibrationSamples {
    private let samples: any CalibrationSamples
    let count: Int

    init(_ samples: any CalibrationSamples, count: Int) {
        self.samples = samples
        self.count = min(count, samples.count)
    }

    var sampleShapes: [[Int]] { samples.sampleShapes }

    func tensors(_ range: Range<Int>) throws -> [Tensor] { try samples.tensors(range) }
}
