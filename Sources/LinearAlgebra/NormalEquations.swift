import COpenBLAS

/// Mean products of features and targets: all that least squares needs to know of the rows.
package struct NormalEquations: Sendable {
    package let features: Int
    package let targets: Int
    /// Rows that the means are over.
    package let count: Int
    package let featureMeans: [Double]
    package let targetMeans: [Double]
    /// `features × features`, row-major, the lower triangle.
    package var gram: [Double] = []
    /// `targets × features`, row-major.
    package var cross: [Double] = []
    package var targetSquares: [Double] = []

    package init(
        features: Int, targets: Int, count: Int, featureMeans: [Double], targetMeans: [Double]
    ) {
        self.features = features
        self.targets = targets
        self.count = count
        self.featureMeans = featureMeans
        self.targetMeans = targetMeans
    }

    /// The mean of the features' squares.
    package var scale: Double {
        guard features > 0 else { return 0 }
        return (0..<features).reduce(0) { $0 + gram[$1 * features + $1] } / Double(features)
    }

    /// The kernel that minimises the mean squared error plus a ridge about a kernel that is already there.
    ///
    /// Minimises ‖y − W x‖² + ridge · scale · ‖W − V‖²; where the features do not tell, W stays at V.
    /// - Parameters:
    ///   - prior: V, `targets × features`.
    ///   - ridge: relative to ``scale``.
    /// - Returns: W, `targets × features`; nil if the features are not finite, or the ridge is too small for their rank.
    package func solution(prior: [Double], ridge: Double) -> [Double]? {
        guard let solver = RidgeSolver(self, prior: prior, ridge: ridge) else { return nil }
        let solution = solver.solve(cross: cross)
        return solution.allSatisfy(\.isFinite) ? solution : nil
    }

    /// The mean squared error of a kernel, for each target.
    ///
    /// - Parameter kernel: `targets × features`.
    package func errors(of kernel: [Double]) -> [Double] {
        let products = product(kernel)
        return (0..<targets).map { target in
            var error = targetSquares[target]
            for index in target * features..<(target + 1) * features {
                error += kernel[index] * (products[index] - 2 * cross[index])
            }
            return max(error, 0)
        }
    }

    /// The mean square of what a kernel gives, for each target; about the mean if the equations are.
    package func powers(of kernel: [Double]) -> [Double] {
        let products = product(kernel)
        return (0..<targets).map { target in
            var power = 0.0
            for index in target * features..<(target + 1) * features {
                power += kernel[index] * products[index]
            }
            return max(power, 0)
        }
    }

    /// Each row of a kernel times the Gram matrix.
    private func product(_ kernel: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: kernel.count)
        guard features > 0, targets > 0 else { return result }
        BLASThreads.prepare()
        cblas_dsymm(
            CblasRowMajor, CblasRight, CblasLower, Int32(targets), Int32(features), 1, gram,
            Int32(features), kernel, Int32(features), 0, &result, Int32(features))
        return result
    }

    /// What is added to the outputs so that their means are those of the targets.
    ///
    /// - Parameter kernel: `targets × features`.
    package func intercepts(of kernel: [Double]) -> [Double] {
        (0..<targets).map { target in
            var value = targetMeans[target]
            for feature in 0..<features {
                value -= kernel[target * features + feature] * featureMeans[feature]
            }
            return value
        }
    }
}

/// Least squares with a ridge about a kernel that is already there, for targets that are told later.
package struct RidgeSolver: Sendable {
    private let factor: Cholesky
    private let prior: [Double]
    private let weight: Double

    /// Factors the features' moments; see ``NormalEquations/solution(prior:ridge:)``.
    package init?(_ equations: NormalEquations, prior: [Double], ridge: Double) {
        weight = max(ridge * equations.scale, .leastNormalMagnitude)
        self.prior = prior
        guard
            let factor = Cholesky(equations.gram, size: equations.features, ridge: weight)
        else { return nil }
        self.factor = factor
    }

    /// The kernel, `targets × features`.
    ///
    /// - Parameter cross: mean products of targets and features, `targets × features`.
    package func solve(cross: [Double]) -> [Double] {
        var sides = cross
        for index in sides.indices { sides[index] += weight * prior[index] }
        return factor.solve(sides)
    }
}
