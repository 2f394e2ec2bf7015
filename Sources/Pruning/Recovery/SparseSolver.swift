import LinearAlgebra
import Workers

/// Fits what stays of a kernel, again and again, to targets that change.
struct SparseSolver: Sendable {
    private let systems: [MaskedLeastSquares]
    private let prior: [[Double]]
    /// By block and output.
    private let kept: [[[Int32]]]
    /// By block and output; nil where gradients are followed, as factors would be too dear.
    private let factors: [Cholesky]?

    /// - Returns: nil if the moments are not finite or do not suffice.
    init?(
        _ equations: [NormalEquations], prior: [[Double]], kept: [[[Int32]]], ridge: Double
    ) {
        let systems = equations.compactMap { MaskedLeastSquares($0, ridge: ridge) }
        guard systems.count == equations.count else { return nil }
        (self.systems, self.prior, self.kept) = (systems, prior, kept)
        let columns = kept.enumerated().flatMap { block, kept in kept.map { (block, $0) } }
        let sizes = columns.map { Double($0.1.count) }
        let work = sizes.reduce(0) { $0 + SparseSearch.work(kept: $1, columns: 1) }
        let bytes = sizes.reduce(0) { $0 + $1 * $1 * 8 }
        guard work <= SparseSearch.workLimit, bytes <= Double(SparseKernelFit.factorLimit) else {
            factors = nil
            return
        }
        let found = concurrentMap(columns.count) { index in
            systems[columns[index].0].factor(columns[index].1)
        }.compactMap(\.self)
        guard found.count == columns.count else { return nil }
        factors = found
    }

    /// The kernels, for each block `outputs × features`.
    ///
    /// - Parameters:
    ///   - crosses: mean products of targets and features, likewise.
    ///   - start: the kernels as they are.
    func solve(_ crosses: [[Double]], from start: [[Double]]) -> [[Double]] {
        let sides = zip(systems, crosses).enumerated().map { block, pair in
            zip(pair.1, prior[block]).map { $0 + pair.0.weight * $1 }
        }
        guard let factors else { return follow(sides, from: start) }
        var kernels = start
        var column = 0
        for (block, kept) in kept.enumerated() {
            let features = systems[block].features
            let first = column
            let solutions = concurrentMap(kept.count) { output in
                factors[first + output].solve(
                    MaskedLeastSquares.part(
                        sides[block][output * features..<(output + 1) * features],
                        kept: kept[output]))
            }
            for (output, solution) in solutions.enumerated() where solution.allSatisfy(\.isFinite) {
                for (feature, weight) in zip(kept[output], solution) {
                    kernels[block][output * features + Int(feature)] = weight
                }
            }
            column += kept.count
        }
        return kernels
    }

    private func follow(_ sides: [[Double]], from start: [[Double]]) -> [[Double]] {
        kept.indices.map { block in
            let features = systems[block].features
            let width = 64
            let panels = concurrentMap((kept[block].count + width - 1) / width) { panel in
                let outputs = panel * width..<min((panel + 1) * width, kept[block].count)
                let elements = outputs.lowerBound * features..<outputs.upperBound * features
                var mask = [Double](repeating: 0, count: elements.count)
                for output in outputs {
                    for feature in kept[block][output] {
                        mask[(output - outputs.lowerBound) * features + Int(feature)] = 1
                    }
                }
                return systems[block].improved(
                    Array(start[block][elements]), sides: Array(sides[block][elements]),
                    mask: mask, steps: SparseKernelFit.gradientSteps)
            }
            return panels.flatMap(\.self)
        }
    }
}
