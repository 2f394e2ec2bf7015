import COpenBLAS

/// The Cholesky factor of a symmetric positive definite matrix, in double precision.
package struct Cholesky: Sendable {
    /// Rows and columns.
    package let size: Int
    /// The lower triangle, row-major, holds the factor.
    private var factor: [Double]

    /// Factors a matrix.
    ///
    /// - Parameters:
    ///   - matrix: `size × size`, row-major; only the lower triangle is read.
    ///   - ridge: added to the diagonal.
    /// - Returns: nil if the matrix is not positive definite to working precision, or not finite.
    /// - Complexity: n³ / 3 multiply-adds. Source: LAPACK, `dpotrf`.
    package init?(_ matrix: [Double], size: Int, ridge: Double = 0) {
        precondition(matrix.count == size * size)
        BLASThreads.prepare()
        self.size = size
        factor = matrix
        for index in 0..<size { factor[index * size + index] += ridge }
        guard size > 0 else { return }
        // A row-major lower triangle is a column-major upper one.
        var (n, info) = (Int32(size), Int32(0))
        dpotrf_("U", &n, &factor, &n, &info)
        guard info == 0, (0..<size).allSatisfy({ factor[$0 * size + $0].isFinite }) else {
            return nil
        }
    }

    /// Solves for several right-hand sides.
    ///
    /// - Parameter sides: one behind the other, each of ``size`` elements.
    /// - Returns: the solutions in the same order.
    package func solve(_ sides: [Double]) -> [Double] {
        guard size > 0 else { return sides }
        precondition(sides.count % size == 0)
        var result = sides
        var (n, count, info) = (Int32(size), Int32(sides.count / size), Int32(0))
        dpotrs_("U", &n, &count, factor, &n, &result, &n, &info)
        return result
    }

    /// The diagonal of the matrix's inverse.
    ///
    /// - Complexity: n³ / 6 multiply-adds. Source: LAPACK, `dtrtri`.
    package func inverseDiagonal() -> [Double] {
        var inverse = factor
        var diagonal = [Double](repeating: 0, count: size)
        guard size > 0 else { return diagonal }
        var (n, info) = (Int32(size), Int32(0))
        dtrtri_("U", "N", &n, &inverse, &n, &info)
        // The inverse is L⁻ᵀ L⁻¹, so its diagonal has the squared norms of the columns of L⁻¹.
        inverse.withUnsafeBufferPointer { inverse in
            for row in 0..<size {
                for column in 0...row {
                    let value = inverse[row * size + column]
                    diagonal[column] += value * value
                }
            }
        }
        return diagonal
    }

    /// The inverse of the matrix, both triangles.
    package func inverse() -> [Double] {
        var inverse = factor
        var (n, info) = (Int32(size), Int32(0))
        guard size > 0 else { return inverse }
        dpotri_("U", &n, &inverse, &n, &info)
        for row in 0..<size {
            for column in 0..<row { inverse[column * size + row] = inverse[row * size + column] }
        }
        return inverse
    }
}
