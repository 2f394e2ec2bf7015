/// What this machine sustains with this engine, measured with operations made for the purpose.
public struct MachineProbe: Sendable {
    /// One point of the sweep over widths.
    public struct WidthPoint: Hashable, Sendable {
        /// Input and output channels alike.
        public var channels: Int
        /// The median of its latencies.
        public var microseconds: Double

        /// A width with its latency.
        public init(channels: Int, microseconds: Double) {
            self.channels = channels
            self.microseconds = microseconds
        }

        /// 10⁹ operations per second; a multiply-add counts as two.
        public var gflops: Double {
            let multiplyAdds = Double(
                MachineProbe.sweepSize * MachineProbe.sweepSize * 9 * channels * channels)
            return microseconds > 0 ? 2 * multiplyAdds / microseconds / 1000 : 0
        }
    }

    /// Threads that each operation may use.
    public let threads: Int
    private var policy = RepetitionPolicy()

    /// A probe that has measured nothing yet.
    ///
    /// - Parameter isQuick: spends a tenth of the time, for less certain numbers.
    public init(threads: Int, isQuick: Bool = false) {
        self.threads = threads
        policy.fewest = isQuick ? 5 : 30
        policy.most = isQuick ? 10 : 200
        policy.seconds = isQuick ? 0.05 : 0.5
    }

    // MARK: Arithmetic

    /// The rate of large convolutions: 3×3 with 64 and 128 channels, 1×1 from 256 to 64.
    ///
    /// - Returns: 10⁹ operations per second, the median of the three; a multiply-add counts as two.
    public func gflops() throws(ExecutionError) -> Double {
        var rates: [Double] = []
        for (size, window, inputs, outputs) in [
            (56, 3, 64, 64), (28, 3, 128, 128), (56, 1, 256, 64),
        ] {
            let latency = try convolution(
                size: size, window: window, inputs: inputs, outputs: outputs)
            let operations = 2 * Double(size * size * window * window * inputs * outputs)
            rates.append(operations / latency.median / 1000)
        }
        return LatencyStatistics(rates).median
    }

    private func convolution(
        size: Int, window: Int, inputs: Int, outputs: Int
    ) throws(ExecutionError) -> LatencyStatistics {
        let probe = try OperationProbe(
            ConvolutionOperation.probe(window: window, inputs: inputs, outputs: outputs),
            OperationShapes(
                inputs: [[1, size, size, inputs]], outputs: [[1, size, size, outputs]]),
            threads: threads)
        return try probe.latency(policy)
    }

    // MARK: Memory

    /// Bytes read and written by a ReLU from one large tensor to another.
    ///
    /// - Returns: 10⁹ bytes per second.
    public func bandwidthGBps() throws(ExecutionError) -> Double {
        // Beyond any cache: 64 MiB each.
        let count = 16 << 20
        let probe = try OperationProbe(
            FunctionOperation(function: .relu),
            OperationShapes(inputs: [[count]], outputs: [[count]]), threads: threads)
        return Double(count * 8) / (try probe.latency(policy)).median / 1000
    }

    /// A 1×1 convolution of 16 channels at one position: nearly all of it is the call.
    ///
    /// - Returns: microseconds.
    public func overheadUs() throws(ExecutionError) -> Double {
        (try convolution(size: 1, window: 1, inputs: 16, outputs: 16)).median
    }

    // MARK: Widths

    /// Side of the images in the sweep.
    public static let sweepSize = 28

    /// 3×3 convolutions of c → c channels over 28 × 28 positions.
    ///
    /// - Parameter step: distance of neighbouring widths.
    public func sweep(step: Int) throws(ExecutionError) -> [WidthPoint] {
        var points: [WidthPoint] = []
        for channels in stride(from: max(step, 2), through: 128, by: max(step, 1)) {
            let latency = try convolution(
                size: MachineProbe.sweepSize, window: 3, inputs: channels, outputs: channels)
            points.append(WidthPoint(channels: channels, microseconds: latency.median))
        }
        return points
    }

    /// The multiple that kernels round widths up to, as the sweep shows it.
    ///
    /// For each candidate the latencies are fitted with `a + b · work`, where the work is the product of both widths, one of
    /// them or both rounded up: some kernels round their inputs too, others only what they write. The candidate that
    /// explains the latencies best wins, the smaller where two do alike.
    public static func channelMultiple(_ points: [WidthPoint]) -> Int {
        var best = (multiple: 1, error: Double.infinity)
        for multiple in [1, 4, 8, 16, 32] {
            let rounded = points.map { point in
                Double((point.channels + multiple - 1) / multiple * multiple)
            }
            let values = points.map(\.microseconds)
            let error = min(
                fitError(zip(rounded, points).map { $0 * Double($1.channels) }, values),
                fitError(rounded.map { $0 * $0 }, values))
            if error < best.error * 0.9 { best = (multiple, error) }
        }
        return best.multiple
    }

    /// The sum of squared relative errors of the best `a + b · work` for the values.
    private static func fitError(_ works: [Double], _ values: [Double]) -> Double {
        // Weighted least squares, weights 1 / y², so that narrow layers count as much as wide ones.
        var (s, sx, sxx, sy, sxy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (x, value) in zip(works, values) where value > 0 {
            let w = 1 / (value * value)
            s += w
            sx += w * x
            sxx += w * x * x
            sy += w * value
            sxy += w * x * value
        }
        let determinant = s * sxx - sx * sx
        guard determinant > 0 else { return .infinity }
        let a = (sy * sxx - sx * sxy) / determinant
        let b = (s * sxy - sx * sy) / determinant
        return zip(works, values).reduce(0) { sum, pair in
            let error = pair.1 > 0 ? (a + b * pair.0) / pair.1 - 1 : 0
            return sum + error * error
        }
    }
}
