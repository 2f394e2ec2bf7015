import Testing

@testable import LinearAlgebra

/// Expected values are numpy's, from `Tests/Reference/make_elimination.py`.
@Suite struct EliminationTests {
    private func elimination() throws -> Elimination {
        try #require(
            Elimination(
                gram: EliminationReference.gram, features: 8, kernel: EliminationReference.kernel,
                ridge: 1e-3))
    }

    private func isClose(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-9 * (1 + abs($1)) }
    }

    @Test func costsAndMapsAreNumpysLeastSquares() throws {
        var state = try elimination()
        for step in EliminationReference.steps {
            #expect(abs(state.cost(of: step.removed) - step.cost) <= 1e-9 * (1 + step.cost))
            state.remove(step.removed)
            #expect(isClose(state.kernel(features: 8), step.kernel))
        }
        #expect(state.left == [1, 4])
    }

    @Test func orderOfRemovalDoesNotMatter() throws {
        var expected: [Double]?
        for order in [
            [[0], [2, 5], [7]], [[7, 0], [5], [2]], [[0, 2, 5, 7]], [[2], [7], [5], [0]],
        ] {
            var state = try elimination()
            for features in order { state.remove(features) }
            let kernel = state.kernel(features: 8)
            #expect(isClose(kernel, expected ?? kernel))
            expected = kernel
        }
    }

    /// The costs of steps add up to what the whole removal costs.
    @Test func costsAddUp() throws {
        let whole = try elimination().cost(of: [0, 2, 5, 7])
        var state = try elimination()
        var sum = 0.0
        for features in [[5], [0, 7], [2]] {
            sum += state.cost(of: features)
            state.remove(features)
        }
        #expect(abs(sum - whole) <= 1e-9 * whole)
    }

    @Test func whatWentCostsNothingAndChangesNothing() throws {
        var state = try elimination()
        state.remove([3, 6])
        let kernel = state.kernel(features: 8)
        #expect(state.cost(of: [3]) == 0)
        state.remove([3, 6])
        #expect(state.kernel(features: 8) == kernel)
        #expect(state.left == [0, 1, 2, 4, 5, 7])
    }

    @Test func allMayGo() throws {
        var state = try elimination()
        state.remove([0, 1, 2, 3])
        state.remove([4, 5, 6, 7])
        #expect(state.left.isEmpty)
        #expect(state.kernel(features: 8).allSatisfy { $0 == 0 })
    }

    @Test func momentsThatAreNotFiniteAreRefused() {
        #expect(Elimination(gram: [.nan], features: 1, kernel: [1], ridge: 0.1) == nil)
    }
}

@Suite struct RankTests {
    private func equations(_ rows: [[Float]]) -> NormalEquations {
        let features = rows[0].count
        var moments = SecondMoments(features: features, targets: 0)
        var values = rows.flatMap(\.self)
        var nothing: Float = 0
        moments.add(&values, &nothing, rows: rows.count)
        return moments.normalized()
    }

    /// numpy: numpy.linalg.matrix_rank(numpy.corrcoef(rows, rowvar=False)).
    @Test func rankIsThatOfTheCorrelations() {
        let rows: [[Float]] = [
            [1, 0, 3, 5, 1000], [0, 1, 3, 5, 1], [1, 1, 6, 5, 300], [2, 0, 6, 5, 20],
            [0, 3, 9, 5, 777], [4, 1, 15, 5, 5],
        ]
        // The third is three times the sum of the first two, the fourth a constant.
        let expected = NormalEquations.Rank(varying: 4, effective: 3)
        #expect(equations(rows).rank(tolerance: 1e-6) == expected)
    }

    @Test func scalesDoNotMatter() {
        let rows: [[Float]] = [[1e-5, 0, 2e4], [0, 1, 5e4], [2e-5, 1, 1e4], [3e-5, 7, 3e4]]
        let expected = NormalEquations.Rank(varying: 3, effective: 3)
        #expect(equations(rows).rank(tolerance: 1e-6) == expected)
    }

    @Test func fewRowsHaveLowRank() {
        let rows: [[Float]] = [[1, 5, 2, 8], [4, 1, 7, 3], [2, 2, 9, 1]]
        #expect(equations(rows).rank(tolerance: 1e-6)?.effective == 2)
    }

    @Test func momentsThatAreNotFiniteHaveNone() {
        #expect(equations([[1, .nan], [2, 3]]).rank(tolerance: 1e-6) == nil)
    }
}
