import Execution
import Testing

@Suite("Repeated measurements")
struct LatencyStatisticsTests {
    // numpy.quantile([1, 2, 3, 4, 100], [0, .1, .5, .9, 1]) and median(|x - 3|).
    @Test func quantilesAreThoseOfNumpy() {
        let statistics = LatencyStatistics([4, 2, 100, 1, 3])
        #expect(statistics.minimum == 1)
        #expect(statistics.quantile(0.1) == 1.4)
        #expect(statistics.median == 3)
        #expect((statistics.quantile(0.9) - 61.6).magnitude < 1e-9)
        #expect(statistics.quantile(1) == 100)
        #expect(statistics.medianDeviation == 1)
        #expect(statistics.outlierCount == 1)
    }

    @Test func fewSamplesTellNothingOfTheMedian() {
        #expect(LatencyStatistics([1, 1, 1]).uncertainty == .infinity)
        #expect(LatencyStatistics(Array(repeating: 5, count: 16)).uncertainty == 0)
        #expect(LatencyStatistics([]).median == 0)
    }

    @Test func repeatsUntilTheMedianIsKnown() {
        var calls = 0
        let steady = RepetitionPolicy().repeating { () -> Double in
            calls += 1
            return 7
        }
        #expect(steady.samples.count == 10)
        #expect(calls == 12)
        #expect(steady.median == 7)
    }

    @Test func givesUpOnWhatNeverSettles() {
        var policy = RepetitionPolicy()
        policy.most = 40
        var value = 1.0
        let wild = policy.repeating { () -> Double in
            value = value > 1e3 ? 1 : value * 3
            return value
        }
        #expect(wild.samples.count == 40)
        #expect(wild.uncertainty > 0.01)
    }
}
