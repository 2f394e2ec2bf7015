/// What a model costs in one context.
package struct Costs: Sendable, Equatable, Codable {
    /// Predicted (or measured) time of one inference; `nil` without a device.
    package var inferenceMs: Double?
    /// Predicted time of a first download and decoding; `nil` without a network.
    package var loadMs: Double?
    package var fileBytes: Int
    /// Parameters and the largest set of live activations.
    package var peakMemoryBytes: Int
    package var multiplyAdds: Int
    package var parameters: Int
    /// Share of the prunable weights that are zero, 0 to 1.
    package var weightSparsity: Double
    /// Share of right answers on evaluation data, 0 to 1; `nil` if nobody evaluated.
    package var accuracy: Double?

    package init(
        inferenceMs: Double? = nil, loadMs: Double? = nil, fileBytes: Int, peakMemoryBytes: Int,
        multiplyAdds: Int, parameters: Int, weightSparsity: Double = 0, accuracy: Double? = nil
    ) {
        self.inferenceMs = inferenceMs
        self.loadMs = loadMs
        self.fileBytes = fileBytes
        self.peakMemoryBytes = peakMemoryBytes
        self.multiplyAdds = multiplyAdds
        self.parameters = parameters
        self.weightSparsity = weightSparsity
        self.accuracy = accuracy
    }

    enum CodingKeys: String, CodingKey {
        case inferenceMs = "inference-ms"
        case loadMs = "load-ms"
        case fileBytes = "file-bytes"
        case peakMemoryBytes = "peak-memory-bytes"
        case multiplyAdds = "multiply-adds"
        case parameters
        case weightSparsity = "weight-sparsity"
        case accuracy
    }

    /// The cost that a budget line limits, in the line's unit.
    ///
    /// Shares are of `base`; `nil` where the cost is not known.
    package func value(for key: Budget.Key, base: Costs) -> Double? {
        switch key {
        case .inferenceMs: inferenceMs
        case .loadMs: loadMs
        case .fileKiB: Double(fileBytes) / 1024
        case .peakMemoryMiB: Double(peakMemoryBytes) / 1_048_576
        case .macFraction: share(multiplyAdds, of: base.multiplyAdds)
        case .parameterFraction: share(parameters, of: base.parameters)
        case .weightSparsity: weightSparsity
        case .maxAccuracyDrop:
            if let before = base.accuracy, let accuracy { before - accuracy } else { nil }
        }
    }

    /// A share of nothing is all of it, so that a model without multiply-adds is not called free.
    private func share(_ part: Int, of whole: Int) -> Double {
        whole == 0 ? 1 : Double(part) / Double(whole)
    }
}
