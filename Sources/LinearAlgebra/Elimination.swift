import COpenBLAS

/// A linear map from features to outputs from which features are taken away, the rest making up for them.
///
/// Holds the inverse of the features' second moments and the map that fits best with the features that are left. Taking features away
/// changes both by a block step, which is exact: the map stays the least-squares fit of the original outputs. Source: Hassibi and
/// Stork, "Second order derivatives for network pruning: Optimal Brain Surgeon", NIPS 1992, for blocks.
package struct Elimination: Sendable {
    /// Features that are left, as numbers of the original ones, ascending.
    package private(set) var left: [Int]
    /// Outputs of the map.
    package let outputs: Int
    /// `size × size`, where `size` counts features that are left and some that went since the last compaction.
    private var inverse: [Double]
    /// `size × outputs`.
    private var map: [Double]
    private var size: Int
    /// For each original feature its row; nil once it went.
    private var rows: [Int?]

    /// - Parameters:
    ///   - gram: `features × features`, the lower triangle.
    ///   - kernel: `outputs × features`.
    ///   - ridge: added to the diagonal, relative to its mean.
    /// - Returns: nil if the moments are not finite.
    /// - Complexity: n³ multiply-adds.
    package init?(gram: [Double], features: Int, kernel: [Double], ridge: Double) {
        let mean =
            (0..<features).reduce(0) { $0 + gram[$1 * features + $1] } / Double(max(features, 1))
        let weight = max(ridge * mean, 1e-12)
        guard let factor = Cholesky(gram, size: features, ridge: weight) else { return nil }
        outputs = kernel.count / max(features, 1)
        inverse = factor.inverse()
        size = features
        left = Array(0..<features)
        rows = left.map { $0 }
        map = Array(repeating: 0, count: features * outputs)
        for output in 0..<outputs {
            for feature in 0..<features {
                map[feature * outputs + output] = kernel[output * features + feature]
            }
        }
    }

    /// What the mean squared error of all outputs grows by when some features go.
    ///
    /// - Complexity: s² · outputs for s features.
    package func cost(of features: [Int]) -> Double {
        let rows = features.compactMap { self.rows[$0] }
        guard !rows.isEmpty, let factor = factor(rows) else { return 0 }
        let count = rows.count
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: count * outputs) { work in
            map.withUnsafeBufferPointer { map in
                guard let map = map.baseAddress, let work = work.baseAddress else { return 0 }
                var cost = 0.0
                for (index, row) in rows.enumerated() {
                    let target = work + index * outputs
                    let source = map + row * outputs
                    for output in 0..<outputs { target[output] = source[output] }
                    for earlier in 0..<index {
                        let weight = factor[index * count + earlier]
                        let other = work + earlier * outputs
                        for output in 0..<outputs { target[output] -= weight * other[output] }
                    }
                    let scale = 1 / factor[index * count + index]
                    for output in 0..<outputs { target[output] *= scale }
                    cost += cblas_ddot(Int32(outputs), target, 1, target, 1)
                }
                return cost
            }
        }
    }

    /// Takes features away.
    package mutating func remove(_ features: [Int]) {
        let rows = features.compactMap { self.rows[$0] }
        guard !rows.isEmpty, let factor = factor(rows) else { return }
        let (count, size, outputs) = (rows.count, size, outputs)
        // L⁻¹ times the rows of the inverse, and of the map: their products are what is taken off.
        var slices = rows.flatMap { Array(inverse[$0 * size..<($0 + 1) * size]) }
        var weights = rows.flatMap { Array(map[$0 * outputs..<($0 + 1) * outputs]) }
        cblas_dtrsm(
            CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, Int32(count),
            Int32(size), 1, factor, Int32(count), &slices, Int32(size))
        if outputs > 0 {
            cblas_dtrsm(
                CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, Int32(count),
                Int32(outputs), 1, factor, Int32(count), &weights, Int32(outputs))
        }
        subtract(slices, slices, count: count, columns: size, from: &inverse)
        if outputs > 0 { subtract(slices, weights, count: count, columns: outputs, from: &map) }
        let gone = Set(features)
        for feature in features { self.rows[feature] = nil }
        left.removeAll { gone.contains($0) }
        if left.count * 4 < size * 3 { compact() }
    }

    /// The map as it is now, `outputs × features`, with zeros for what went.
    package func kernel(features: Int) -> [Double] {
        var kernel = [Double](repeating: 0, count: outputs * features)
        for feature in left {
            guard let row = rows[feature] else { continue }
            for output in 0..<outputs {
                kernel[output * features + feature] = map[row * outputs + output]
            }
        }
        return kernel
    }

    /// The Cholesky factor of the inverse at some rows, the lower triangle.
    private func factor(_ rows: [Int]) -> [Double]? {
        let count = rows.count
        var factor = [Double](repeating: 0, count: count * count)
        for (index, row) in rows.enumerated() {
            for (other, column) in rows.prefix(index + 1).enumerated() {
                var value = inverse[row * size + column]
                for step in 0..<other {
                    value -= factor[index * count + step] * factor[other * count + step]
                }
                if index == other {
                    guard value > 0 else { return nil }
                    factor[index * count + index] = value.squareRoot()
                } else {
                    factor[index * count + other] = value / factor[other * count + other]
                }
            }
        }
        return factor
    }

    /// Takes `leftᵀ · right` off a matrix, row by row in parallel.
    private func subtract(
        _ left: [Double], _ right: [Double], count: Int, columns: Int, from matrix: inout [Double]
    ) {
        let size = size
        let height = max(64, (size + 3) / 4)
        matrix.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let target = SharedAddress(address: base)
            BLASThreads.perform((size + height - 1) / height) { piece in
                let first = piece * height
                left.withUnsafeBufferPointer { left in
                    guard let left = left.baseAddress else { return }
                    cblas_dgemm(
                        CblasRowMajor, CblasTrans, CblasNoTrans,
                        Int32(min(height, size - first)), Int32(columns), Int32(count), -1,
                        left + first, Int32(size), right, Int32(columns), 1,
                        target.address + first * columns, Int32(columns))
                }
            }
        }
    }

    /// Drops the rows and columns of what went.
    private mutating func compact() {
        let old = left.compactMap { rows[$0] }
        let count = old.count
        var smaller = [Double](repeating: 0, count: count * count)
        var smallerMap = [Double](repeating: 0, count: count * outputs)
        for (row, source) in old.enumerated() {
            for (column, other) in old.enumerated() {
                smaller[row * count + column] = inverse[source * size + other]
            }
            for output in 0..<outputs {
                smallerMap[row * outputs + output] = map[source * outputs + output]
            }
        }
        (inverse, map, size) = (smaller, smallerMap, count)
        for (row, feature) in left.enumerated() { rows[feature] = row }
    }
}
