/// An array whose first axis counts samples.
protocol SampleArray: Sendable {
    /// Every dimension, the samples first; at least one.
    var shape: [Int] { get }
    var format: ElementFormat { get }

    /// The numbers of some samples, row-major, one sample after the other.
    ///
    /// - Parameter range: within the first axis.
    func values(_ range: Range<Int>) throws(DatasetError) -> [Float]

    /// All numbers as doubles; for labels.
    func doubles() throws(DatasetError) -> [Double]
}

extension SampleArray {
    var count: Int { shape.first ?? 0 }
    var sampleShape: [Int] { Array(shape.dropFirst()) }
    var sampleSize: Int { sampleShape.reduce(1, *) }
}

extension [Int] {
    /// The product, or nil if it is beyond `Int`; every factor must not be negative.
    var checkedProduct: Int? {
        var product = 1
        for factor in self where factor != 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            guard factor > 0, !overflow else { return nil }
            product = next
        }
        return contains(0) ? 0 : product
    }
}

/// Sizes as people write them: `28×28×1`, `scalar` for none.
func shapeText(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "×")
}
