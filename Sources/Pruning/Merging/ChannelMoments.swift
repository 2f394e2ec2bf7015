import ModelGraph
import Workers

/// Means and covariances of the channels of a tensor, the same at every position.
struct ChannelMoments: Sendable {
    /// The axis along which the channels stand.
    var axis: Int
    /// Positions that a flattening has put beside each other along the axis, channels innermost; empty if none has.
    var positions: [Int] = []
    var mean: [Double]
    /// `channels × channels`.
    var covariance: [Float]
    /// Whether a batch normalisation says how large mean and variance are, not what was assumed of the inputs.
    var isAnchored = false

    /// Channels at one position.
    var count: Int { mean.count }

    /// Tensors with more channels are not followed.
    static let largestCount = 8192

    /// Independent channels, each spread evenly over 0 to 1.
    static func assumed(count: Int, axis: Int) -> ChannelMoments? {
        guard (1...largestCount).contains(count) else { return nil }
        return ChannelMoments(
            axis: axis, mean: Array(repeating: 0.5, count: count),
            covariance: diagonal(Array(repeating: 1 / 12, count: count)))
    }

    static func diagonal(_ values: [Double]) -> [Float] {
        var matrix = [Float](repeating: 0, count: values.count * values.count)
        for (index, value) in values.enumerated() {
            matrix[index * values.count + index] = Float(value)
        }
        return matrix
    }

    /// The covariance of some of the channels.
    func covariance(of channels: [Int]) -> [Float] {
        channels.flatMap { row in channels.map { covariance[row * count + $0] } }
    }

    /// Itself, unless numbers have left the range of numbers.
    var checked: ChannelMoments? {
        mean.allSatisfy(\.isFinite) && covariance.allSatisfy(\.isFinite) ? self : nil
    }

    /// The roots of the variances.
    var deviations: [Double] {
        (0..<count).map { Double(max(covariance[$0 * count + $0], 0)).squareRoot() }
    }

    /// The same correlations about other means, with other deviations; a sign turns correlations round.
    func rescaled(mean: [Double], deviations target: [Double]) -> ChannelMoments {
        let scales = zip(deviations, target).map { $0 > 0 ? Float($1 / $0) : 0 }
        var result = self
        result.mean = mean
        for row in 0..<count {
            for column in 0..<count {
                result.covariance[row * count + column] *= scales[row] * scales[column]
            }
            // Where nothing varied, nothing is known of correlations.
            let own = row * count + row
            result.covariance[own] = Float(target[row] * target[row])
        }
        return result
    }

    /// Behind an element-wise function, with the arguments taken for normally distributed.
    func through(_ activation: ActivationFunction) -> ChannelMoments? {
        if activation == .linear { return self }
        guard activation.isElementWise else { return nil }
        let deviations = deviations
        let order = GaussianActivation.order
        let expansions = concurrentMap(count) { channel in
            GaussianActivation.expansion(
                of: activation, mean: mean[channel], deviation: deviations[channel])
        }
        // By degree, then by channel.
        let coefficients = (0...order).map { degree in expansions.map { Float($0[degree]) } }
        let inverses = deviations.map { $0 > 0 ? Float(1 / $0) : 0 }
        let rows = concurrentMap(count) { row in
            var sums = [Float](repeating: 0, count: count)
            let correlations = (0..<count).map { column in
                min(
                    max(covariance[row * count + column] * inverses[row] * inverses[column], -1),
                    1)
            }
            for degree in stride(from: order, to: 0, by: -1) {
                let own = coefficients[degree][row]
                let others = coefficients[degree]
                for column in 0..<count {
                    sums[column] = correlations[column] * (own * others[column] + sums[column])
                }
            }
            return sums
        }
        var result = self
        result.mean = expansions.map { $0[0] }
        result.covariance = rows.flatMap(\.self)
        return result
    }

    /// The sum of tensors taken for independent of each other.
    func adding(_ other: ChannelMoments) -> ChannelMoments? {
        guard other.axis == axis, other.count == count, other.positions == positions else {
            return nil
        }
        var result = self
        result.mean = zip(mean, other.mean).map(+)
        result.covariance = zip(covariance, other.covariance).map(+)
        result.isAnchored = isAnchored && other.isAnchored
        return result
    }

    /// The channels of another tensor behind its own, taken for independent of them.
    func followed(by other: ChannelMoments) -> ChannelMoments? {
        let total = count + other.count
        guard other.axis == axis, positions.isEmpty, other.positions.isEmpty,
            total <= ChannelMoments.largestCount
        else { return nil }
        var covariance: [Float] = []
        covariance.reserveCapacity(total * total)
        for row in 0..<count {
            covariance += self.covariance[row * count..<(row + 1) * count]
            covariance += repeatElement(0, count: other.count)
        }
        for row in 0..<other.count {
            covariance += repeatElement(0, count: count)
            covariance += other.covariance[row * other.count..<(row + 1) * other.count]
        }
        return ChannelMoments(
            axis: axis, mean: mean + other.mean, covariance: covariance,
            isAnchored: isAnchored && other.isAnchored)
    }
}
