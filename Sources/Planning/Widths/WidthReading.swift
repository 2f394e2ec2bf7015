/// What a choice of widths costs and keeps.
struct WidthReading {
    var totals = WidthTotals()
    /// Bytes of live tensors at the worst moment.
    var peakBytes = 0.0
    /// Bytes over the memory limit, summed over all moments: falls with each moment that is relieved, where the worst one may not.
    var excessBytes = 0.0
    /// Number of moments over the limit.
    var excessMoments = 0
    /// Importance of the channels kept.
    var channelsKept = 0.0
    /// Index into the levels of the sparsity.
    var sparsity = 0

    /// The value of each line.
    ///
    /// - Parameter all: also of lines that are not limited and take some computing.
    func values(_ layout: WidthLayout, all: Bool = false) -> WidthLineValues {
        var values = WidthLineValues()
        let level = layout.sparsity[sparsity]
        let file =
            layout.fileOverheadBytes
            + (totals.weightBytes - totals.sparseBytes) * layout.denseBytesPerByte
            + totals.sparseBytes * level.bytesPerByte
        values[.inference] = totals.latencyMs
        values[.file] = file
        if all || layout.limitsLoad {
            values[.load] = layout.loadMs(file, totals.residentBytes)
        }
        values[.memory] = totals.residentBytes + peakBytes
        values[.multiplyAdds] = totals.multiplyAdds
        values[.parameters] = totals.parameters
        if totals.sparseElements == totals.kernelElements {
            values[.zeros] = totals.kernelElements > 0 ? level.share : 0
        } else {
            values[.zeros] = totals.sparseElements * level.share / totals.kernelElements
        }
        return values
    }

    /// Importance kept, of channels and of weights together.
    func importance(_ layout: WidthLayout) -> Double {
        channelsKept - layout.sparsity[sparsity].lost
    }
}

/// The limits of a problem, with how much each matters while one is looked for.
struct WidthPressure {
    /// A limit that is kept to this relative precision is kept.
    static let tolerance = 1e-12

    let limits: [(line: WidthLine, limit: Double, weight: Double)]

    init(_ limits: [WidthLine: Double], weights: [WidthLine: Double] = [:]) {
        self.limits = limits.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value, weights[$0.key] ?? 1) }
    }

    /// How far each line is beyond its limit, as a share of the limit; 0 within.
    static func excess(_ line: WidthLine, value: Double, limit: Double) -> Double {
        let excess = line == .zeros ? limit - value : value - limit
        guard excess > abs(limit) * tolerance else { return 0 }
        return excess / max(abs(limit), .leastNormalMagnitude)
    }

    /// The excess of all lines, weighted, and which lines have some (as bits).
    func excess(_ reading: WidthReading, _ values: WidthLineValues) -> (sum: Double, lines: Int) {
        var (sum, lines) = (0.0, 0)
        for (line, limit, weight) in limits {
            var excess = Self.excess(line, value: values[line], limit: limit)
            guard excess > 0 else { continue }
            lines |= 1 << line.rawValue
            if line == .memory, limit > 0 {
                // Other moments count too, or relieving two equal ones in turn would look useless.
                excess += reading.excessBytes / limit
            }
            sum += excess * weight
        }
        return (sum, lines)
    }

    /// Whether all limits are kept.
    func holds(_ values: WidthLineValues) -> Bool {
        limits.allSatisfy { Self.excess($0.line, value: values[$0.line], limit: $0.limit) == 0 }
    }
}
