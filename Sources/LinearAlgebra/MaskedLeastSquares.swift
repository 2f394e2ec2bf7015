import COpenBLAS

/// Least squares in which some features are left out, others for each target.
///
/// Minimises wᵀHw − 2bᵀw over the features that stay, where H holds the features' moments and a ridge.
package struct MaskedLeastSquares: Sendable {
    package let features: Int
    /// H, row-major, the lower triangle.
    private let gram: [Double]
    /// Added to the moments' diagonal.
    package let weight: Double

    /// The weights of the features that stay, and how firmly each of them stands.
    package struct Solution: Sendable {
        package var weights: [Double]
        /// The diagonal of the inverse of H at the features that stay; empty if nobody asked.
        ///
        /// Taking feature i away as well costs wᵢ² over it. Source: Hassibi and Stork, "Second order derivatives for network
        /// pruning: Optimal Brain Surgeon", NIPS 1992.
        package var inverseDiagonal: [Double]
    }

    /// - Parameter ridge: relative to ``NormalEquations/scale``.
    /// - Returns: nil if the moments are not finite.
    package init?(_ equations: NormalEquations, ridge: Double) {
        let scale = equations.scale
        guard scale.isFinite else { return nil }
        features = equations.features
        // Features that never change keep their weights, which cost next to nothing.
        weight = scale > 1e-30 ? ridge * scale : 1e-12
        var gram = equations.gram
        for index in 0..<features { gram[index * features + index] += weight }
        self.gram = gram
    }

    /// Factors H at the features that stay.
    ///
    /// - Parameter kept: ascending.
    /// - Returns: nil if H is not positive definite there to working precision.
    /// - Complexity: k³ / 3 multiply-adds for k features.
    package func factor(_ kept: [Int32]) -> Cholesky? {
        let count = kept.count
        let part = [Double](unsafeUninitializedCapacity: count * count) { part, initialized in
            for row in 0..<count {
                let from = Int(kept[row]) * features
                for column in 0...row {
                    part[row * count + column] = gram[from + Int(kept[column])]
                }
                for column in row + 1..<max(count, row + 1) { part[row * count + column] = 0 }
            }
            initialized = count * count
        }
        return Cholesky(part, size: count)
    }

    /// The best weights of the features that stay.
    ///
    /// - Parameters:
    ///   - side: b, for all features.
    ///   - withInverse: whether ``Solution/inverseDiagonal`` is wanted, for as much work again.
    package func solution(
        _ side: ArraySlice<Double>, kept: [Int32], withInverse: Bool = false
    ) -> Solution? {
        guard let factor = factor(kept) else { return nil }
        let weights = factor.solve(Self.part(side, kept: kept))
        guard weights.allSatisfy(\.isFinite) else { return nil }
        return Solution(
            weights: weights, inverseDiagonal: withInverse ? factor.inverseDiagonal() : [])
    }

    /// The elements of a right-hand side at the features that stay.
    package static func part(_ side: ArraySlice<Double>, kept: [Int32]) -> [Double] {
        kept.map { side[side.startIndex + Int($0)] }
    }

    /// Improves the weights of several targets by conjugate gradients, where factors would be too dear.
    ///
    /// The error never grows. Preconditioned by the diagonal.
    /// - Parameters:
    ///   - weights: `targets × features`, zero where a feature is left out.
    ///   - sides: b, likewise.
    ///   - mask: likewise, 1 for what stays and 0 for what is left out.
    /// - Complexity: steps · targets · features² multiply-adds.
    package func improved(
        _ weights: [Double], sides: [Double], mask: [Double], steps: Int
    ) -> [Double] {
        let count = weights.count / max(features, 1)
        var result = weights
        guard count > 0 else { return result }
        let inverse = (0..<features).map { 1 / max(gram[$0 * features + $0], 1e-300) }
        var residual = product(weights)
        for index in residual.indices {
            residual[index] = (sides[index] - residual[index]) * mask[index]
        }
        var direction = residual.indices.map { residual[$0] * inverse[$0 % features] }
        var powers = dots(residual, direction, count: count)
        let start = powers
        for _ in 0..<steps {
            var moved = product(direction)
            for index in moved.indices { moved[index] *= mask[index] }
            let curvatures = dots(direction, moved, count: count)
            for target in 0..<count where curvatures[target] > 0 {
                let length = powers[target] / curvatures[target]
                for index in target * features..<(target + 1) * features {
                    result[index] += length * direction[index]
                    residual[index] -= length * moved[index]
                }
            }
            var next = [Double](repeating: 0, count: count)
            for target in 0..<count {
                for feature in 0..<features {
                    let value = residual[target * features + feature]
                    next[target] += value * value * inverse[feature]
                }
                let isDone = powers[target] <= start[target] * 1e-10
                let ratio = isDone ? 0 : next[target] / powers[target]
                for feature in 0..<features {
                    let index = target * features + feature
                    direction[index] =
                        isDone ? 0 : residual[index] * inverse[feature] + ratio * direction[index]
                }
            }
            powers = next
        }
        return result.allSatisfy(\.isFinite) ? result : weights
    }

    /// H times the weights of several targets.
    ///
    /// - Parameter weights: `targets × features`.
    package func product(_ weights: [Double]) -> [Double] {
        let count = weights.count / max(features, 1)
        var result = [Double](repeating: 0, count: weights.count)
        BLASThreads.prepare()
        cblas_dsymm(
            CblasRowMajor, CblasRight, CblasLower, Int32(count), Int32(features), 1, gram,
            Int32(features), weights, Int32(features), 0, &result, Int32(features))
        return result
    }

    private func dots(_ left: [Double], _ right: [Double], count: Int) -> [Double] {
        (0..<count).map { target in
            var sum = 0.0
            for index in target * features..<(target + 1) * features {
                sum += left[index] * right[index]
            }
            return sum
        }
    }
}
