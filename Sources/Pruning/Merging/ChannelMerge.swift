import LinearAlgebra

/// Channels that go, as sums of multiples of those that stay.
struct ChannelMerge {
    let kept: [Int]
    let gone: [Int]
    /// `kept × gone`.
    let coefficients: [Float]

    /// Keeps the fit from leaning on correlations that are only estimated, as a share of the mean variance.
    ///
    /// Of 0.1 and 1, the former left the higher accuracy in most plans for the networks in `models/`.
    static let ridge = 0.1

    /// Channels that correlate better than this are multiples of each other, whatever the inputs.
    private static let certainty: Float = 1 - 1e-5

    /// The best linear estimate of each channel that goes.
    ///
    /// - Parameter removed: by channel.
    /// - Returns: nil if none stays, or nothing varies.
    init?(_ moments: ChannelMoments, removed: [Bool]) {
        let kept = removed.indices.filter { !removed[$0] }
        let gone = removed.indices.filter { removed[$0] }
        self.kept = kept
        self.gone = gone
        let (size, covariance) = (moments.count, moments.covariance)
        let scale =
            kept.reduce(0.0) { $0 + Double(covariance[$1 * size + $1]) }
            / Double(max(kept.count, 1))
        guard scale > 0, scale.isFinite else { return nil }
        var gram: [Double] = []
        gram.reserveCapacity(kept.count * kept.count)
        for row in kept {
            for column in kept { gram.append(Double(covariance[row * size + column])) }
        }
        let sides = gone.flatMap { row in kept.map { Double(covariance[row * size + $0]) } }
        guard
            let factor = Cholesky(
                gram, size: kept.count, ridge: ChannelMerge.ridge * scale)
        else { return nil }
        var solution = factor.solve(sides)
        for (row, channel) in gone.enumerated() {
            guard let twin = ChannelMerge.twin(of: channel, among: kept, moments) else { continue }
            for column in kept.indices {
                solution[row * kept.count + column] = column == twin.place ? twin.multiple : 0
            }
        }
        guard solution.allSatisfy(\.isFinite) else { return nil }
        coefficients = kept.indices.flatMap { column in
            gone.indices.map { Float(solution[$0 * kept.count + column]) }
        }
    }

    /// The channel that stays of which another is a positive multiple.
    private static func twin(
        of channel: Int, among kept: [Int], _ moments: ChannelMoments
    ) -> (place: Int, multiple: Double)? {
        let (size, covariance) = (moments.count, moments.covariance)
        let variance = covariance[channel * size + channel]
        guard variance > 0 else { return nil }
        for (place, other) in kept.enumerated() {
            let (common, own) = (
                covariance[channel * size + other], covariance[other * size + other]
            )
            if common > 0, own > 0,
                common.squareRoot() * common.squareRoot()
                    >= certainty * (variance.squareRoot() * own.squareRoot())
            {
                return (place, Double(common) / Double(own))
            }
        }
        return nil
    }

    /// What is left of each channel that goes: its mean less those of its stand-ins.
    func constants(_ mean: [Double]) -> [Float] {
        gone.indices.map { row in
            var rest = mean[gone[row]]
            for (place, channel) in kept.enumerated() {
                rest -= Double(coefficients[place * gone.count + row]) * mean[channel]
            }
            return Float(rest)
        }
    }

    /// The covariance of what is left of the channels that go once their stand-ins are taken off, `gone × gone`.
    ///
    /// - Complexity: O(channels² · gone).
    func residual(of input: ChannelMoments) -> [Float] {
        let count = input.count
        // What changes, by channel: stand-ins are added, the channels that go are taken off.
        var change = [Float](repeating: 0, count: count * gone.count)
        for (place, channel) in kept.enumerated() {
            for column in gone.indices {
                change[channel * gone.count + column] =
                    coefficients[place * gone.count + column]
            }
        }
        for (column, channel) in gone.enumerated() { change[channel * gone.count + column] = -1 }
        let applied = MatrixProduct.product(
            input.covariance, change, rows: count, inner: count, columns: gone.count)
        return MatrixProduct.product(
            change, applied, rows: gone.count, inner: count, columns: gone.count,
            transposingLeft: true)
    }

    /// Adds the slices of channels that go to those of their stand-ins.
    ///
    /// - Parameter kernel: `taps × channels × outputs`.
    func adding(to kernel: [Float], taps: Int, outputs: Int) -> [Float] {
        var result = kernel
        let channels = kept.count + gone.count
        for tap in 0..<taps {
            let rows = gone.flatMap { channel in
                let first = (tap * channels + channel) * outputs
                return kernel[first..<first + outputs]
            }
            let sums = MatrixProduct.product(
                coefficients, rows, rows: kept.count, inner: gone.count, columns: outputs)
            for (place, channel) in kept.enumerated() {
                let first = (tap * channels + channel) * outputs
                for output in 0..<outputs {
                    result[first + output] += sums[place * outputs + output]
                }
            }
        }
        return result
    }
}
