import Foundation

extension ActivationFunction {
    /// The function's value, computed as Keras defines it; the input itself where it is not element-wise.
    package func callAsFunction(_ x: Float) -> Float {
        switch self {
        case .linear, .softmax, .logSoftmax, .sparsemax, .glu: x
        case .relu(let maximum, let slope, let threshold):
            x > threshold
                ? maximum.map { min(x, $0) } ?? x : slope == 0 ? 0 : slope * (x - threshold)
        case .sigmoid: logistic(x)
        case .tanh: Foundation.tanh(x)
        case .softplus: softened(x)
        case .softsign: x / (1 + abs(x))
        case .exponential: exp(x)
        case .mish: x * Foundation.tanh(softened(x))
        case .silu: x * logistic(x)
        case .gelu(approximate: false): 0.5 * x * (1 + erf(x / Float(2).squareRoot()))
        case .gelu(approximate: true):
            0.5 * x
                * (1 + Foundation.tanh((2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .elu(let alpha): x > 0 ? x : alpha * expm1(x)
        case .celu(let alpha): max(x, 0) + alpha * expm1(min(x, 0) / alpha)
        case .selu: Self.seluScale * (x > 0 ? x : Self.seluAlpha * expm1(x))
        case .hardSigmoid: min(max(x + 3, 0), 6) / 6
        case .oldHardSigmoid: min(max(0.2 * x + 0.5, 0), 1)
        case .hardSilu: x * min(max(x + 3, 0), 6) / 6
        case .hardTanh: min(max(x, -1), 1)
        case .hardShrink(let threshold): abs(x) > threshold ? x : 0
        case .softShrink(let threshold):
            x > threshold ? x - threshold : x < -threshold ? x + threshold : 0
        case .tanhShrink: x - Foundation.tanh(x)
        case .threshold(let threshold, let otherwise): x > threshold ? x : otherwise
        case .logSigmoid: -softened(-x)
        case .sparsePlus: x <= -1 ? 0 : x < 1 ? 0.25 * (x + 1) * (x + 1) : x
        case .sparseSigmoid: x <= -1 ? 0 : x >= 1 ? 1 : 0.5 * (x + 1)
        case .squareplus(let b): (x + (x * x + b).squareRoot()) / 2
        }
    }

    private func logistic(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

    private func softened(_ x: Float) -> Float { max(x, 0) + log1p(exp(-abs(x))) }

    private static let seluScale: Float = 1.0507009873554805
    private static let seluAlpha: Float = 1.6732632423543772

    /// The function over all elements along its axis; element by element where it has none.
    package func callAsFunction(_ values: [Float]) -> [Float] {
        switch self {
        case .softmax:
            let top = values.max() ?? 0
            let powers = values.map { exp($0 - top) }
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        case .logSoftmax:
            let top = values.max() ?? 0
            let shift = top + log(values.reduce(0) { $0 + exp($1 - top) })
            return values.map { $0 - shift }
        case .sparsemax:
            let threshold = Self.sparsemaxThreshold(values)
            return values.map { max($0 - threshold, 0) }
        case .glu:
            let half = values.count / 2
            return (0..<half).map { values[$0] * logistic(values[$0 + half]) }
        default: return values.map { self($0) }
        }
    }

    /// What sparsemax takes off every element so that the positive rest sums up to 1.
    ///
    /// Source: Martins and Astudillo, "From Softmax to Sparsemax", ICML 2016, algorithm 1.
    private static func sparsemaxThreshold(_ values: [Float]) -> Float {
        var (sum, threshold) = (Float(0), Float(0))
        for (index, value) in values.sorted(by: >).enumerated() {
            sum += value
            let candidate = (sum - 1) / Float(index + 1)
            if value > candidate { threshold = candidate }
        }
        return threshold
    }

    /// By how much at most the function's value moves while its argument stays within `reach` of `x`.
    ///
    /// The bound is the function's steepest slope times the reach, plus its jumps.
    package func deviation(at x: Float, within reach: Float) -> Float {
        guard reach > 0 else { return 0 }
        switch self {
        case .exponential: return exp(x + reach) - exp(x)
        case .relu(_, let slope, let threshold):
            return max(1, abs(slope)) * reach + max(threshold, 0)
        case .threshold(let threshold, let otherwise): return reach + abs(threshold - otherwise)
        case .hardShrink(let threshold): return reach + abs(threshold)
        default: return steepestSlope * reach
        }
    }

    /// A bound on the slope of a function without jumps.
    private var steepestSlope: Float {
        switch self {
        case .sigmoid: 0.25
        case .oldHardSigmoid: 0.2
        case .hardSigmoid: 1 / 6
        case .sparseSigmoid: 0.5
        case .silu: 1.1
        case .gelu: 1.135
        case .mish: 1.09
        case .hardSilu: 1.5
        case .elu(let alpha): max(1, abs(alpha))
        case .selu: Self.seluScale * Self.seluAlpha
        default: 1
        }
    }
}
