import Foundation
import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

/// Moments behind activation functions against numpy's; see `Tests/Reference/make_gaussian.py`.
@Suite struct GaussianActivationTests {
    let fixture: JSON

    init() throws {
        let path = Truth.root.appending(path: "Tests/PruningTests/Fixtures/gaussian.json")
        fixture = try JSON(parsing: Array(Data(contentsOf: path)))
    }

    private func function(_ entry: JSON) throws -> ActivationFunction {
        try ActivationFunction(try #require(entry["function"]), generation: .three)
    }

    @Test func meansAreNumpys() throws {
        let entries = try #require(fixture["means"]?.array)
        #expect(entries.count == 42)
        for entry in entries {
            let found = GaussianActivation.expansion(
                of: try function(entry), mean: try #require(entry["mean"]?.double),
                deviation: try #require(entry["deviation"]?.double))
            let expected = try #require(entry["value"]?.double)
            // Functions of the ReLU family in closed form, others by quadrature of single-precision values.
            #expect(abs(found[0] - expected) <= 1e-5 + 1e-5 * abs(expected), "\(entry)")
            let isFinite = found.allSatisfy(\.isFinite)
            #expect(isFinite)
        }
    }

    /// The expansion ends at a finite degree, which costs functions with kinks a few thousandths.
    @Test func covariancesAreNumpys() throws {
        let entries = try #require(fixture["covariances"]?.array)
        #expect(entries.count == 63)
        for entry in entries {
            let means = (entry["means"]?.array ?? []).compactMap(\.double)
            let deviations = (entry["deviations"]?.array ?? []).compactMap(\.double)
            try #require(means.count == 2 && deviations.count == 2)
            let correlation = try #require(entry["correlation"]?.double)
            let common = Float(correlation * deviations[0] * deviations[1])
            let moments = ChannelMoments(
                axis: 1, mean: means,
                covariance: [
                    Float(deviations[0] * deviations[0]), common, common,
                    Float(deviations[1] * deviations[1]),
                ])
            let activation = try function(entry)
            let found = try #require(moments.through(activation))
            let expected = try #require(entry["value"]?.double)
            let scale = found.deviations[0] * found.deviations[1]
            #expect(abs(Double(found.covariance[1]) - expected) <= 2e-3 * scale, "\(entry)")
            #expect(found.covariance[1] == found.covariance[2])
        }
    }

    /// Blom's and Harter's tables: the largest of 2, 4 and 9 normal values.
    @Test(arguments: [(1, 0.0), (2, 0.56419), (4, 1.02938), (9, 1.48501)])
    func largestOfSeveral(count: Int, expected: Double) {
        #expect(abs(GaussianActivation.expectedMaximum(of: count) - expected) <= 2e-5)
    }

    @Test func correlationsOfTapsFallWithDistance() {
        let found = KernelMoments.correlations([2, 2], [1, 2])
        let near = KernelMoments.neighbourCorrelation
        let expected: [Float] = [
            1, near * near, near, near * near * near,
            near * near, 1, near * near * near, near,
            near, near * near * near, 1, near * near,
            near * near * near, near, near * near, 1,
        ]
        for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-6) }
    }
}
