/// Everything about a model that the cost model needs, without the model.
///
/// A variant's manifest carries it, so that its costs can be predicted for any context. JSON with the
/// keys of `CodingKeys`; numbers are counts and bytes.
package struct WorkloadSummary: Sendable, Equatable {
    /// The layers in the order of execution; a shared layer once, with its repeats in `positions`.
    package var layers: [LayerWorkload]
    package var parameterCount: Int
    /// Bytes of the parameters in memory, zeros included.
    package var parameterBytes: Int
    /// Share of the prunable weights that are zero, 0 to 1.
    package var weightSparsity: Double
    /// Largest sum of activations alive at the same time, in bytes.
    package var peakActivationBytes: Int
    /// Size of the file as written, after compression.
    package var fileBytes: Int

    package init(
        layers: [LayerWorkload], parameterCount: Int, parameterBytes: Int,
        weightSparsity: Double = 0, peakActivationBytes: Int, fileBytes: Int
    ) {
        self.layers = layers
        self.parameterCount = parameterCount
        self.parameterBytes = parameterBytes
        self.weightSparsity = weightSparsity
        self.peakActivationBytes = peakActivationBytes
        self.fileBytes = fileBytes
    }

    /// Multiply-adds of all layers, fused ones included; `Int.max` if there are more.
    package var multiplyAdds: Int {
        layers.reduce(0) { $0.saturatingAdd($1.multiplyAdds) }
    }
}

extension WorkloadSummary: Codable {
    enum CodingKeys: String, CodingKey {
        case layers
        case parameterCount = "parameters"
        case parameterBytes = "parameter-bytes"
        case weightSparsity = "weight-sparsity"
        case peakActivationBytes = "peak-activation-bytes"
        case fileBytes = "file-bytes"
    }

    /// - Throws: `DecodingError` for missing keys and for numbers that cannot be.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        layers = try container.decode([LayerWorkload].self, forKey: .layers)
        parameterCount = try container.decodeCount(forKey: .parameterCount)
        parameterBytes = try container.decodeCount(forKey: .parameterBytes)
        weightSparsity = try container.decode(Double.self, forKey: .weightSparsity)
        guard (0...1).contains(weightSparsity) else {
            throw DecodingError.dataCorruptedError(
                forKey: .weightSparsity, in: container,
                debugDescription: "weight-sparsity is no share: \(weightSparsity)")
        }
        peakActivationBytes = try container.decodeCount(forKey: .peakActivationBytes)
        fileBytes = try container.decodeCount(forKey: .fileBytes)
    }
}

extension Int {
    /// The sum of two counts, or `Int.max` where it does not fit.
    func saturatingAdd(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
