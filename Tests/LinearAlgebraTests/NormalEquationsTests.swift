import Testing

@testable import LinearAlgebra

/// Expected values are numpy's, from `Tests/Reference/make_least_squares.py`.
struct NormalEquationsTests {
    private static let features: [Float] = [
        100.001, 0.299, -3.274, -0.391, 1.545, 99.008, 0.06, -1.66, 0.008, 1.38, 100.49, 0.357,
        -2.895, -0.43, 1.971, 100.695, -1.344, -3.458, -1.401, 0.71, 98.158, -0.235, -4.267,
        0.771, 2.157, 99.813, -2.517, -3.539, 0.451, 2.113, 98.47, -0.478, -3.979, -0.309,
        3.061, 99.192, -0.033, -2.116, -0.084, 1.888, 100.11, 0.064, -4.225, 0.576, 3.359,
        98.453, 0.859, -2.881, -0.141, 4, 100.762, -1.199, -2.925, 1.077, 1.811, 100.683,
        -0.067, -2.333, 1.939, 1.324, 100.203, -0.463, -2.873, -0.687, 1.421, 99.804, 0.899,
        -1.855, -0.824, 1.205, 100.647, -1.992, -3.463, 0.403, 3.257, 100.689, -0.327, -3.369,
        0.25, 3.524, 99.572, -0.304, -2.647, 0.379, 1.803, 98.886, -0.012, -3.444, 1.666,
        2.653, 99.976, 0.668, -3.34, 1.552, 1.995, 100.583, -1.291, -2.653, -1.188, -0.035,
        99.696, -0.9, -2.836, 2.745, 1.168, 99.376, 0.205, -2.507, 0.324, 1.794, 100.702, 0.52,
        -4.034, 0.421, 2.035, 98.946, 0.26, -3.858, 1.472, 2.193, 100.089, -0.591, -3.119,
        -1.498, 0.869, 100.363, -2.129, -2.153, -1.246, 2.757, 99.155, 0.779, -2.869, -1.037,
        3.249, 101.442, -0.066, -3.274, 0.34, 1.025, 101.099, -0.543, -3.051, -0.293, 1.374,
        98.722, 1.257, -3.154, 1.466, 2.013, 99.306, -0.327, -3.56, 0.508, 1.625, 99.7, -1.379,
        -3.807, 2.154, 1.329, 98.946, 0.337, -1.593, -0.954, 1.791, 99.368, -1.761, -2.265,
        0.477, 2.071, 99.248, 0.455, -3.539, 0.357, 0.892, 98.784, 1.336, -3.507, 0.792, 1.966,
        99.559, -0.508, -2.37, 0.198, 1.849, 100.022, 1.177, -2.319, 0.883, 1.436, 98.618,
        0.95, -2.034, 0.359, 2.542, 100.781, 0.831, -2.079, 0.044, 3.515,
    ]
    private static let targets: [Float] = [
        -128.997, 80.78, -125.599, 81.309, -128.446, 81.368, -130.569, 82.142, -129.743,
        74.432, -131.167, 75.583, -127.814, 76.024, -126.052, 80.601, -130.758, 75.633,
        -124.43, 77.431, -131.473, 77.733, -131.071, 78.683, -128.43, 81.286, -125.48, 84.224,
        -130.8, 75.746, -129.504, 77.584, -128.259, 79.175, -129.557, 74.727, -130.765, 76.94,
        -129.787, 83.482, -132.608, 75.068, -127.303, 79.757, -131.835, 78.402, -130.287,
        75.097, -128.534, 82.774, -126.567, 80.844, -124.755, 80.37, -132.339, 80.963,
        -130.682, 81.355, -128.573, 76.983, -129.94, 77.393, -133.369, 74.246, -123.703,
        83.093, -127.854, 77.586, -129.842, 79.183, -128.406, 77.674, -127.597, 79.63,
        -128.222, 80.891, -124.664, 79.787, -126.404, 80.833,
    ]
    private static let prior: [Double] = [
        -1.817, 0.964, 0.669, 0.215, -0.204, 1.569, 0.917, 0.11, -0.252, 0.054,
    ]
    private static let solution: [Double] = [
        -1.24900686952, 0.503240109941, 1.86740080497, -1.14761338342, 0.790995436828,
        0.889549561138, 0.897134356048, 1.47468352523, -1.68148996373, -0.994942881254,
    ]
    private static let errors: [Double] = [0.00929453669809, 0.0103029203727]
    private static let intercepts: [Double] = [0.203058409332, -2.83891971648]
    private static let powers: [Double] = [5.58013401277, 7.1475248783]

    /// The rows in blocks of that many.
    private static func moments(block: Int) -> SecondMoments {
        var moments = SecondMoments(features: 5, targets: 2)
        for start in stride(from: 0, to: 40, by: block) {
            let end = min(start + block, 40)
            var x = Array(features[start * 5..<end * 5])
            var y = Array(targets[start * 2..<end * 2])
            moments.add(&x, &y, rows: end - start)
        }
        return moments
    }

    private func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
    }

    @Test(arguments: [1, 7, 16, 40])
    func ridgeAboutAPriorIsNumpys(block: Int) throws {
        let equations = Self.moments(block: block).normalized()
        let found = try #require(equations.solution(prior: Self.prior, ridge: 0.01))
        #expect(isClose(found, Self.solution, 1e-5))
        #expect(isClose(equations.errors(of: found), Self.errors, 1e-5))
        #expect(isClose(equations.intercepts(of: found), Self.intercepts, 1e-3))
        #expect(isClose(equations.powers(of: found), Self.powers, 1e-5))
    }

    @Test
    func momentsOfTwoStreamsAddUp() {
        var first = Self.moments(block: 40)
        let whole = first.normalized()
        first.add(first)
        #expect(first.count == 80)
        #expect(isClose(first.normalized().gram, whole.gram, 1e-12))
    }

    @Test
    func productsAboutZeroKeepTheMeans() {
        let equations = Self.moments(block: 16).normalized(isCentred: false)
        // numpy: (x * x).mean(0)[0], the feature whose mean is near 100.
        let squares = stride(from: 0, to: 200, by: 5).map { Double(Self.features[$0]) }
        let mean = squares.reduce(0) { $0 + $1 * $1 } / 40
        #expect(abs(equations.gram[0] - mean) < 1e-3)
    }

    @Test
    func whatTheFeaturesDoNotTellStaysAtThePrior() throws {
        var moments = SecondMoments(features: 2, targets: 1)
        var x: [Float] = [1, 5, 2, 5, 3, 5, 4, 5]
        var y: [Float] = [2, 4, 6, 8]
        moments.add(&x, &y, rows: 4)
        let found = try #require(moments.normalized().solution(prior: [0, 0.75], ridge: 1e-9))
        #expect(isClose(found, [2, 0.75], 1e-6))
    }

    @Test
    func featuresThatAreNotFiniteHaveNoSolution() {
        var moments = SecondMoments(features: 1, targets: 1)
        var x: [Float] = [1, .nan]
        var y: [Float] = [1, 2]
        moments.add(&x, &y, rows: 2)
        #expect(moments.normalized().solution(prior: [0], ridge: 0.1) == nil)
    }
}

struct CholeskyTests {
    /// numpy: a = [[4, 2, 0.4], [2, 5, 1], [0.4, 1, 3]]; numpy.linalg.inv(a).
    @Test
    func inverseIsNumpys() throws {
        let factor = try #require(Cholesky([4, 9, 9, 2, 5, 9, 0.4, 1, 3], size: 3))
        let expected = [
            0.3125, -0.125, 0, -0.125, 0.2642857142857143, -0.0714285714285714, 0,
            -0.0714285714285714, 0.3571428571428571,
        ]
        #expect(zip(factor.inverse(), expected).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test
    func matrixThatIsNotPositiveDefiniteHasNoFactor() {
        #expect(Cholesky([1, 0, 2, 1], size: 2) == nil)
        #expect(Cholesky([1, 0, 2, 1], size: 2, ridge: 4) != nil)
    }
}
