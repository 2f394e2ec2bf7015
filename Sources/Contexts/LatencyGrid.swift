import Foundation

/// Measured latencies over input and output widths.
///
/// Stored as logarithms and made monotone: where a wider layer was measured faster than a narrower
/// one (noise, or a lucky width), it takes the narrower one's time, so that no plan believes that
/// channels are saved by adding them.
struct LatencyGrid: Sendable, Equatable {
    /// Measured widths, ascending.
    let inputs: [Int]
    let outputs: [Int]
    private let logInputs: [Double]
    private let logOutputs: [Double]
    /// Row by input width, column by output width.
    private let logMicroseconds: [Double]

    var count: Int { logMicroseconds.count }

    /// - Parameters:
    ///   - inputs: ascending, distinct, positive.
    ///   - outputs: ascending, distinct, positive.
    ///   - microseconds: row by input width, column by output width; positive.
    init(inputs: [Int], outputs: [Int], microseconds: [Double]) {
        self.inputs = inputs
        self.outputs = outputs
        logInputs = inputs.map { log(Double($0)) }
        logOutputs = outputs.map { log(Double($0)) }
        var values = microseconds.map { log($0) }
        for row in inputs.indices {
            for column in outputs.indices {
                let here = row * outputs.count + column
                if row > 0 { values[here] = max(values[here], values[here - outputs.count]) }
                if column > 0 { values[here] = max(values[here], values[here - 1]) }
            }
        }
        logMicroseconds = values
    }

    /// The latency at two widths: bilinear in logarithms between the four measurements around them.
    func value(
        inputs: Int, outputs: Int, hasOneWidth: Bool, multiple: Int
    ) -> LatencyTable.Value {
        let row =
            hasOneWidth
            ? AxisPosition.only : Self.position(of: inputs, on: self.inputs, logInputs, multiple)
        let column = Self.position(of: outputs, on: self.outputs, logOutputs, multiple)
        let low = interpolate(row.lower, column)
        let high = interpolate(row.upper, column)
        let quality: LatencyTable.Quality =
            if row.isOutside || column.isOutside {
                .extrapolated
            } else if row.isMeasured, column.isMeasured {
                .measured
            } else {
                .interpolated
            }
        return LatencyTable.Value(
            microseconds: exp(low + (high - low) * row.fraction), quality: quality,
            inputChannels: row.width, outputChannels: column.width)
    }

    private func interpolate(_ row: Int, _ column: AxisPosition) -> Double {
        let start = row * outputs.count
        let low = logMicroseconds[start + column.lower]
        let high = logMicroseconds[start + column.upper]
        return low + (high - low) * column.fraction
    }

    /// Where a width stands among the measured ones.
    private struct AxisPosition {
        let lower: Int
        let upper: Int
        /// From `lower` (0) to `upper` (1), in logarithms.
        let fraction: Double
        /// The width on the grid.
        let width: Int
        /// Whether the width asked for was itself measured.
        var isMeasured = false
        /// Whether the width asked for is beyond the measured ones.
        var isOutside = false

        static let only = AxisPosition(lower: 0, upper: 0, fraction: 0, width: 0, isMeasured: true)
    }

    private static func position(
        of width: Int, on axis: [Int], _ logs: [Double], _ multiple: Int
    ) -> AxisPosition {
        // The first measured width that is not below the one asked for.
        var low = 0
        var high = axis.count
        while low < high {
            let middle = (low + high) / 2
            if axis[middle] < width { low = middle + 1 } else { high = middle }
        }
        guard low < axis.count else {
            let last = axis.count - 1
            return AxisPosition(
                lower: last, upper: last, fraction: 0, width: axis[last], isOutside: true)
        }
        if axis[low] == width {
            return AxisPosition(
                lower: low, upper: low, fraction: 0, width: width, isMeasured: true)
        }
        if low == 0 {
            return AxisPosition(
                lower: low, upper: low, fraction: 0, width: axis[low], isOutside: true)
        }
        // The runtime rounds up, to the next multiple or, if that comes first, to the next width
        // that was measured.
        let remainder = width % multiple
        let rounded = remainder == 0 ? width : width.saturatingAdd(multiple - remainder)
        guard rounded < axis[low] else {
            return AxisPosition(lower: low, upper: low, fraction: 0, width: width)
        }
        let span = logs[low] - logs[low - 1]
        let fraction = (log(Double(rounded)) - logs[low - 1]) / span
        return AxisPosition(lower: low - 1, upper: low, fraction: fraction, width: width)
    }
}
