import Foundation
import ModelGraph

/// What an activation function makes of normally distributed values.
///
/// With `f(μ + σz) = Σ h_n He_n(z)` over the normalised Hermite polynomials, `h_0` is the mean, and two values whose arguments
/// correlate by ρ have the covariance `Σ ρⁿ h_n k_n` over n ≥ 1. Source: Mehler's formula, as in Daniely, Frostig and Singer,
/// "Toward Deeper Understanding of Neural Networks", NeurIPS 2016.
enum GaussianActivation {
    /// The highest polynomial.
    static let order = 20

    /// Nodes and weights of the midpoint rule over eight deviations on both sides.
    private static let grid: (nodes: [Double], weights: [Double]) = {
        let count = 512
        let nodes = (0..<count).map { -8 + 16 * (Double($0) + 0.5) / Double(count) }
        let weights = nodes.map { exp(-$0 * $0 / 2) }
        let sum = weights.reduce(0, +)
        return (nodes, weights.map { $0 / sum })
    }()

    /// For each degree the polynomial's values at the nodes times the weights.
    private static let polynomials: [[Double]] = {
        var values = [grid.nodes.map { _ in 1.0 }, grid.nodes]
        for degree in 1..<order {
            let (up, down) = (Double(degree + 1).squareRoot(), Double(degree).squareRoot())
            values.append(
                grid.nodes.indices.map {
                    (grid.nodes[$0] * values[degree][$0] - down * values[degree - 1][$0]) / up
                })
        }
        return values.map { zip($0, grid.weights).map(*) }
    }()

    /// The coefficients `h_0` to `h_order` of an element-wise function.
    static func expansion(
        of activation: ActivationFunction, mean: Double, deviation: Double
    ) -> [Double] {
        guard deviation > 0 else {
            return [Double(activation(Float(mean)))] + Array(repeating: 0, count: order)
        }
        let values = grid.nodes.map { Double(activation(Float(mean + deviation * $0))) }
        var coefficients = polynomials.map { polynomial in
            zip(polynomial, values).reduce(0) { $0 + $1.0 * $1.1 }
        }
        if let exact = self.mean(of: activation, mean: mean, deviation: deviation) {
            coefficients[0] = exact
        }
        return coefficients
    }

    /// The mean in closed form; nil for a function that has none here.
    private static func mean(
        of activation: ActivationFunction, mean: Double, deviation: Double
    ) -> Double? {
        guard case .relu(let maximum, let slope, threshold: 0) = activation else { return nil }
        let lower = rectified(mean, deviation) - Double(slope) * rectified(-mean, deviation)
        return maximum.map { lower - rectified(mean - Double($0), deviation) } ?? lower
    }

    /// The mean of max(x, 0): μ Φ(μ/σ) + σ φ(μ/σ).
    private static func rectified(_ mean: Double, _ deviation: Double) -> Double {
        let ratio = mean / deviation
        let density = exp(-ratio * ratio / 2) / (2 * Double.pi).squareRoot()
        return mean * 0.5 * erfc(-ratio / 2.0.squareRoot()) + deviation * density
    }

    /// By how many deviations the largest of independent standard normal values lies over 0 in the mean.
    static func expectedMaximum(of count: Int) -> Double {
        zip(grid.nodes, grid.weights).reduce(0) { sum, point in
            let below = 0.5 * erfc(-point.0 / 2.0.squareRoot())
            return sum + point.0 * point.1 * Double(count) * pow(below, Double(count - 1))
        }
    }
}
