extension CostModel {
    /// From where a predicted latency comes, as shares of it that add up to 1.
    package struct SourceShares: Sendable, Equatable {
        /// Layers that were measured at these widths.
        package var measured = 0.0
        /// Between measured widths.
        package var interpolated = 0.0
        /// Beyond measured widths.
        package var extrapolated = 0.0
        /// Layers of a kind that was not measured.
        package var formula = 0.0
    }

    /// How much of a model's predicted latency rests on measurements; `nil` without a latency table.
    package func sourceShares(of summary: WorkloadSummary) -> SourceShares? {
        guard table != nil else { return nil }
        let layers = breakdown(of: summary)
        let total = layers.reduce(0) { $0 + $1.microseconds }
        guard total > 0 else { return nil }
        var shares = SourceShares()
        for layer in layers {
            let share = layer.microseconds / total
            switch layer.source {
            case .measured: shares.measured += share
            case .interpolated: shares.interpolated += share
            case .extrapolated: shares.extrapolated += share
            case .compute, .memory: shares.formula += share
            case .fused: break
            }
        }
        return shares
    }
}
