import LinearAlgebra

/// A kernel that sums over channels and taps, held against the covariance of what it reads.
///
/// Neighbouring positions correlate by ``neighbourCorrelation`` to the power of their distance, all channels alike.
struct KernelMoments {
    /// How much the same channel correlates with itself one position further; what natural images and what comes of them have.
    static let neighbourCorrelation: Float = 0.7

    let input: ChannelMoments
    let outputs: Int
    /// `taps × taps`.
    let correlations: [Float]
    let taps: Int

    /// - Parameters:
    ///   - size: of the window; the taps in row-major order.
    ///   - dilation: the steps between taps; 1 along each axis if nil.
    init(input: ChannelMoments, window size: [Int], dilation: [Int]? = nil, outputs: Int) {
        self.input = input
        self.outputs = outputs
        taps = size.reduce(1, *)
        correlations = KernelMoments.correlations(size, dilation ?? size.map { _ in 1 })
    }

    private init(input: ChannelMoments, outputs: Int, correlations: [Float], taps: Int) {
        self.input = input
        self.outputs = outputs
        self.correlations = correlations
        self.taps = taps
    }

    /// The same window over other channels.
    ///
    /// - Parameter covariance: of the channels, `count × count`.
    func reading(_ covariance: [Float], count: Int) -> KernelMoments {
        KernelMoments(
            input: ChannelMoments(
                axis: input.axis, mean: Array(repeating: 0, count: count), covariance: covariance),
            outputs: outputs, correlations: correlations, taps: taps)
    }

    /// How much each pair of taps correlates.
    static func correlations(_ size: [Int], _ dilation: [Int]) -> [Float] {
        let taps = size.reduce(1, *)
        func place(_ tap: Int) -> [Int] {
            var (rest, place) = (tap, [Int]())
            for length in size.reversed() {
                place.append(rest % length)
                rest /= length
            }
            return place.reversed()
        }
        let places = (0..<taps).map(place)
        return places.flatMap { a in
            places.map { b in
                var result: Float = 1
                for axis in size.indices {
                    for _ in 0..<abs(a[axis] - b[axis]) * dilation[axis] {
                        result *= neighbourCorrelation
                    }
                }
                return result
            }
        }
    }

    /// The covariance of what is read times a kernel, `taps × channels × outputs`.
    func applied(to kernel: [Float]) -> [Float] {
        let channels = input.count
        let mixed =
            taps == 1
            ? kernel
            : MatrixProduct.product(
                correlations, kernel, rows: taps, inner: taps, columns: channels * outputs)
        var result: [Float] = []
        result.reserveCapacity(kernel.count)
        for tap in 0..<taps {
            let slice = Array(mixed[tap * channels * outputs..<(tap + 1) * channels * outputs])
            result += MatrixProduct.product(
                input.covariance, slice, rows: channels, inner: channels, columns: outputs)
        }
        return result
    }

    /// The covariance of what a kernel gives.
    ///
    /// - Parameter applied: ``applied(to:)`` of the same kernel.
    func covariance(of kernel: [Float], applied: [Float]) -> [Float] {
        MatrixProduct.product(
            kernel, applied, rows: outputs, inner: taps * input.count, columns: outputs,
            transposingLeft: true)
    }

    /// The sum over taps and channels of the products of two kernels, for each output.
    func products(_ a: [Float], _ b: [Float]) -> [Double] {
        var sums = [Double](repeating: 0, count: outputs)
        for row in 0..<taps * input.count {
            for output in 0..<outputs {
                sums[output] +=
                    Double(a[row * outputs + output]) * Double(b[row * outputs + output])
            }
        }
        return sums
    }

    /// The mean of what a kernel gives.
    func mean(of kernel: [Float], bias: [Float]?) -> [Double] {
        var sums = bias.map { $0.map(Double.init) } ?? Array(repeating: 0, count: outputs)
        for row in 0..<taps * input.count {
            let mean = input.mean[row % input.count]
            for output in 0..<outputs {
                sums[output] += mean * Double(kernel[row * outputs + output])
            }
        }
        return sums
    }
}
