/// What a network costs in sums over its calls and weights.
package struct WidthTotals: Hashable, Sendable {
    // Eight lanes, because adding differences of all sums is what the solver does most.
    private var lanes: SIMD8<Double>

    package init(
        latencyMs: Double = 0, multiplyAdds: Double = 0, parameters: Double = 0,
        weightBytes: Double = 0, residentBytes: Double = 0, kernelElements: Double = 0,
        sparseElements: Double = 0, sparseBytes: Double = 0
    ) {
        lanes = SIMD8(
            latencyMs, multiplyAdds, parameters, weightBytes, residentBytes, sparseElements,
            sparseBytes, kernelElements)
    }

    private init(lanes: SIMD8<Double>) { self.lanes = lanes }

    package var latencyMs: Double {
        get { lanes[0] }
        set { lanes[0] = newValue }
    }
    package var multiplyAdds: Double { lanes[1] }
    package var parameters: Double { lanes[2] }
    /// Bytes of all weights as the file stores them, before compression.
    package var weightBytes: Double { lanes[3] }
    /// Bytes of all weights in memory at run time.
    package var residentBytes: Double { lanes[4] }
    /// Weights of kernels that weight pruning may touch, of ``parameters``.
    package var kernelElements: Double { lanes[7] }
    /// Those that can take its pattern, of ``kernelElements``.
    package var sparseElements: Double { lanes[5] }
    /// Their bytes, of ``weightBytes``.
    package var sparseBytes: Double { lanes[6] }

    package static func + (first: WidthTotals, second: WidthTotals) -> WidthTotals {
        WidthTotals(lanes: first.lanes + second.lanes)
    }

    package static func += (sum: inout WidthTotals, other: WidthTotals) {
        sum.lanes += other.lanes
    }

    package static func * (totals: WidthTotals, factor: Double) -> WidthTotals {
        WidthTotals(lanes: totals.lanes * factor)
    }
}
