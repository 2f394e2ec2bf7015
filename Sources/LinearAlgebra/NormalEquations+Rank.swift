extension NormalEquations {
    /// Features that vary at all, and how many of them no linear map of the others gives.
    package struct Rank: Hashable, Sendable {
        package var varying: Int
        package var effective: Int
    }

    /// The effective rank of the features' correlations.
    ///
    /// Cholesky with the largest remaining variance next; each feature counts as a share of its own variance, so that scales do not matter.
    /// - Parameter tolerance: the share of its variance that a feature must have for itself.
    /// - Returns: nil if the moments are not finite.
    /// - Complexity: n² · rank multiply-adds. Source: Higham, "Analysis of the Cholesky decomposition of a semi-definite matrix", 1990.
    package func rank(tolerance: Double) -> Rank? {
        let diagonal = (0..<features).map { gram[$0 * features + $0] }
        guard diagonal.allSatisfy(\.isFinite) else { return nil }
        let floors = zip(diagonal, featureMeans).map { variance, mean in
            // What single precision leaves of a mean is no variance.
            max(mean * mean * 1e-10, .leastNormalMagnitude) < variance
        }
        let live = (0..<features).filter { floors[$0] }
        let count = live.count
        let scales = live.map { 1 / diagonal[$0].squareRoot() }
        var matrix = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            for column in 0...row {
                let value =
                    gram[live[row] * features + live[column]] * scales[row] * scales[column]
                matrix[row * count + column] = value
                matrix[column * count + row] = value
            }
        }
        return Rank(varying: count, effective: Self.rank(&matrix, count, tolerance))
    }

    /// Eliminates pivot after pivot until none is left above the tolerance.
    private static func rank(
        _ matrix: inout [Double], _ count: Int, _ tolerance: Double
    ) -> Int {
        var left = Array(0..<count)
        return matrix.withUnsafeMutableBufferPointer { matrix in
            while let place = left.indices.max(by: {
                matrix[left[$0] * count + left[$0]] < matrix[left[$1] * count + left[$1]]
            }) {
                let pivot = left[place]
                let variance = matrix[pivot * count + pivot]
                guard variance > tolerance else { break }
                left.remove(at: place)
                for row in left {
                    let factor = matrix[row * count + pivot] / variance
                    guard factor != 0 else { continue }
                    for column in left {
                        matrix[row * count + column] -= factor * matrix[pivot * count + column]
                    }
                }
            }
            return count - left.count
        }
    }
}
