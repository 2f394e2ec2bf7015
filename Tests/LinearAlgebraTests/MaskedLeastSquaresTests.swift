import Testing

@testable import LinearAlgebra

/// Expected values are numpy's, from `Tests/Reference/make_masked_least_squares.py`.
struct MaskedLeastSquaresTests {
    private static let rows = 40
    private static let prior = [0.5, -0.25, 0.125, 1, -1, 0.75]

    private func equations() -> NormalEquations {
        var x: [Float] = []
        var y: [Float] = []
        for row in 0..<Self.rows {
            for column in 0..<6 {
                let value: Int = row * row * 7 + column * 11 + row * column * 3
                x.append(Float(value % 23 - 11))
            }
            let target: Int = row * 5 + row * row
            y.append(Float(target % 17 - 8))
        }
        var moments = SecondMoments(features: 6, targets: 1)
        moments.add(&x, &y, rows: Self.rows)
        return moments.normalized()
    }

    private func close(_ found: [Double], _ expected: [Double]) -> Bool {
        found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-6 }
    }

    @Test(
        arguments: [
            (
                [0, 1, 2, 3, 4, 5],
                [
                    -0.07014265884122907, -0.07608746800609281, -0.17276418302813157,
                    -0.017037453376307146, -0.0255244874496511, 0.17022588371100675,
                ],
                [
                    0.028249513712741717, 0.0253862670688187, 0.02327053221313462,
                    0.020486363452527846, 0.02340061299632226, 0.02315929269503146,
                ]
            ),
            (
                [0, 2, 5],
                [-0.06088776357152308, -0.17962356243512073, 0.16293104107473816],
                [0.02658729760498895, 0.021622952169774383, 0.02235094804273297]
            ),
            ([4], [0.03069546560769222], [0.019651478168835144]),
        ] as [([Int32], [Double], [Double])])
    func agreesWithNumpy(kept: [Int32], weights: [Double], diagonal: [Double]) throws {
        let equations = equations()
        let system = try #require(MaskedLeastSquares(equations, ridge: 0.01))
        let side = zip(equations.cross, Self.prior).map { $0 + system.weight * $1 }
        let exact = try #require(system.solution(side[...], kept: kept, withInverse: true))
        #expect(close(exact.weights, weights))
        #expect(close(exact.inverseDiagonal, diagonal))
        // Conjugate gradients need as many steps as there are features.
        var mask = [Double](repeating: 0, count: 6)
        for feature in kept { mask[Int(feature)] = 1 }
        let start = zip(Self.prior, mask).map { $0 * $1 }
        let followed = system.improved(start, sides: side, mask: mask, steps: 8)
        #expect(close(kept.map { followed[Int($0)] }, weights))
        #expect(zip(followed, mask).allSatisfy { $1 == 1 || $0 == 0 })
    }

    @Test func featuresThatNeverChangeKeepTheirWeights() throws {
        var moments = SecondMoments(features: 2, targets: 1)
        var (x, y): ([Float], [Float]) = ([3, 3, 3, 3], [1, 2])
        moments.add(&x, &y, rows: 2)
        let system = try #require(MaskedLeastSquares(moments.normalized(), ridge: 0.01))
        let side = [2, -1].map { $0 * system.weight }
        #expect(close(try #require(system.solution(side[...], kept: [0, 1])).weights, [2, -1]))
    }
}
