import Contexts
import Foundation
import Testing

@Suite struct MonotoneFitTests {
    private func isNear(_ values: [Double], _ expected: [Double]) -> Bool {
        values.count == expected.count
            && zip(values, expected).allSatisfy { abs($0 / $1 - 1) < 1e-6 }
    }

    @Test func keepsWhatIsInOrder() {
        let values = [1.0, 2, 3, 2, 4, 8]
        #expect(
            isNear(
                MonotoneFit.fit(values, weights: Array(repeating: 1, count: 6), columns: 3), values)
        )
    }

    @Test func poolsNeighboursInLogarithms() {
        // 8 and 2 become their geometric mean; with three times the weight, 8^¼ · 2^¾.
        let fitted = MonotoneFit.fit([1, 8, 2, 9], weights: [1, 1, 1, 1], columns: 4)
        #expect(isNear(fitted, [1, 4, 4, 9]))
        let weighted = MonotoneFit.fit([1, 8, 2, 9], weights: [1, 1, 3, 1], columns: 4)
        let mean = 2.8284271247461903
        #expect(isNear(weighted, [1, mean, mean, 9]))
    }

    @Test func whatWeighsMuchStays() {
        let fitted = MonotoneFit.fit([5, 9, 6], weights: [1, 1, 1e6], columns: 3)
        #expect(abs(fitted[2] / 6 - 1) < 1e-4)
        #expect(fitted[1] <= fitted[2] * 1.0001)
    }

    /// Values in order along both axes, and none nearer to the measurements: moving any way within the order makes it worse.
    @Test(arguments: 0..<20) func fitsBothAxes(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24)
        }
        let (rows, columns) = (4, 5)
        let values = (0..<rows * columns).map {
            exp(Double($0 / columns + $0 % columns) / 4 + random())
        }
        let weights = values.map { _ in 0.5 + random() }
        let fitted = MonotoneFit.fit(values, weights: weights, columns: columns)
        func isOrdered(_ values: [Double]) -> Bool {
            values.indices.allSatisfy { place in
                (place % columns == 0 || values[place - 1] <= values[place] * (1 + 1e-6))
                    && (place < columns || values[place - columns] <= values[place] * (1 + 1e-6))
            }
        }
        func distance(_ other: [Double]) -> Double {
            values.indices.reduce(0) { $0 + weights[$1] * pow(log(other[$1] / values[$1]), 2) }
        }
        #expect(isOrdered(fitted), "seed \(seed)")
        // The convex combination with any ordered candidate is ordered and must not be nearer.
        for _ in 0..<50 {
            var candidate = values.map { $0 * exp(random() - 0.5) }
            for place in candidate.indices {
                if place % columns > 0 {
                    candidate[place] = max(candidate[place], candidate[place - 1])
                }
                if place >= columns {
                    candidate[place] = max(candidate[place], candidate[place - columns])
                }
            }
            let mixed = zip(fitted, candidate).map { exp(0.95 * log($0) + 0.05 * log($1)) }
            #expect(distance(mixed) >= distance(fitted) - 1e-6, "seed \(seed)")
        }
    }
}
