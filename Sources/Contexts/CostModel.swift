/// Predicts what a model costs on a device and over a network: version 1.
///
/// `docs/cost-model.md` has the formulas, what they assume and what they leave out. The roofline is
/// that of Williams, Waterman and Patterson, "Roofline: an insightful visual performance model"
/// (CACM 52(4), 2009), taken per layer.
package struct CostModel: Sendable, Equatable {
    package let device: Device?
    package let network: Network?
    /// Measured latencies, which win over the formula.
    package let table: LatencyTable?

    // Copies of the device's numbers, because the planner asks a hundred thousand times.
    let hasDevice: Bool
    let flopsPerMicrosecond: Double
    let bytesPerMicrosecond: Double
    let channelMultiple: Double
    let overheadUs: Double

    /// A model for one context: without a device it predicts no latency, without a network no load
    /// time.
    package init(device: Device?, network: Network?, table: LatencyTable? = nil) {
        self.device = device
        self.network = network
        self.table = table
        hasDevice = device != nil
        // 10⁹ a second is 10³ a microsecond.
        flopsPerMicrosecond = (device?.peakGflops ?? 0) * 1e3
        bytesPerMicrosecond = (device?.memoryBandwidthGBps ?? 0) * 1e3
        channelMultiple = Double(device?.channelMultiple ?? 1)
        overheadUs = device?.layerOverheadUs ?? 0
    }

    /// The costs of a model in this context.
    package func costs(of summary: WorkloadSummary) -> Costs {
        Costs(
            inferenceMs: inferenceMs(of: summary),
            loadMs: loadMs(fileBytes: summary.fileBytes, decodedBytes: summary.parameterBytes),
            fileBytes: summary.fileBytes, peakMemoryBytes: Self.peakMemoryBytes(of: summary),
            multiplyAdds: summary.multiplyAdds, parameters: summary.parameterCount,
            weightSparsity: summary.weightSparsity)
    }

    /// Predicted time of one inference, in milliseconds; `nil` without a device.
    package func inferenceMs(of summary: WorkloadSummary) -> Double? {
        guard device != nil else { return nil }
        return summary.layers.reduce(0) { $0 + latency(of: $1) } / 1000
    }

    /// Parameters and the largest set of live activations, in bytes.
    package static func peakMemoryBytes(of summary: WorkloadSummary) -> Int {
        summary.parameterBytes.saturatingAdd(summary.peakActivationBytes)
    }

    /// What each layer costs and what decides it, in the order of execution.
    ///
    /// Empty without a device.
    package func breakdown(of summary: WorkloadSummary) -> [LayerCost] {
        guard device != nil else { return [] }
        return summary.layers.map { layer in
            let (microseconds, source) = prediction(
                for: layer, inputChannels: layer.inputChannels,
                outputChannels: layer.outputChannels)
            return LayerCost(
                name: layer.name, operation: layer.operation, microseconds: microseconds,
                source: source)
        }
    }
}

/// What one layer is predicted to cost, and why.
package struct LayerCost: Sendable, Equatable, Codable {
    /// Where the number comes from.
    package enum Source: String, Sendable, Codable {
        /// Formula; arithmetic takes longer than memory traffic.
        case compute
        /// Formula; memory traffic takes longer than arithmetic.
        case memory
        /// The producer does this layer's work.
        case fused
        /// The latency table has this very layer.
        case measured
        /// Between measured widths.
        case interpolated
        /// Beyond measured widths, scaled by the formula.
        case extrapolated
    }

    package let name: String
    package let operation: LayerWorkload.Operation
    package let microseconds: Double
    package let source: Source
}
