import Foundation

/// A figure that a report has of each policy.
package enum Figure: String, CaseIterable, Sendable {
    case hits, firstHits, liveHits, tapHits
    case answered, meanMs, medianMs, p99Ms, accuracy
    case correctHits, hitsPerSecond
    case downloadedMiB, uploadedMiB, downloads, swaps
    case cloudShare, cloudMsPerHit

    /// The figure of a run.
    ///
    /// Shares of 1, milliseconds, MiB per client and day, counts per client and day.
    package func value(of tally: Tally) -> Double {
        let whole = tally.whole
        let clients = Double(max(1, tally.clients))
        switch self {
        case .hits: return whole.hitShare
        case .firstHits: return tally.first.hitShare
        case .liveHits: return tally.live.hitShare
        case .tapHits: return tally.tap.hitShare
        case .answered: return Double(whole.answered) / Double(max(1, whole.requests))
        case .meanMs: return whole.meanMs
        case .medianMs: return tally.quantile(0.5)
        case .p99Ms: return tally.quantile(0.99)
        case .accuracy: return whole.meanAccuracy
        case .correctHits: return whole.hitShare * whole.meanAccuracy
        case .hitsPerSecond: return tally.busiestHitsPerSecond
        case .downloadedMiB: return tally.downloadedBytes / 1_048_576 / clients
        case .uploadedMiB: return tally.uploadedBytes / 1_048_576 / clients
        case .downloads: return Double(tally.downloads) / clients
        case .swaps: return Double(tally.swaps) / clients
        case .cloudShare: return Double(tally.cloudAnswers) / Double(max(1, whole.requests))
        case .cloudMsPerHit: return tally.cloudBusyMs / Double(max(1, whole.hits))
        }
    }
}

extension Tally {
    /// Requests answered within the deadline per second, in the hour that has most of them.
    package var busiestHitsPerSecond: Double {
        Double(hours.map(\.hits).max() ?? 0) / 3600
    }
}

/// A mean over seeds, and between what it lies.
package struct Interval: Sendable, Equatable {
    package let mean: Double
    package let low: Double
    package let high: Double

    /// The mean of values, one of each seed, with the middle 95 % of the means of 2,000 samples drawn from them
    /// with replacement (Efron's bootstrap).
    package init(of values: [Double]) {
        let count = values.count
        mean = values.reduce(0, +) / Double(max(1, count))
        guard count > 1 else {
            (low, high) = (mean, mean)
            return
        }
        var random = SeededRandom(Purpose.bootstrap.rawValue)
        let means = (0..<2000).map { _ in
            (0..<count).reduce(0) { sum, _ in
                sum + values[Int(random.next() % UInt64(count))]
            } / Double(count)
        }.sorted()
        (low, high) = (means[50], means[1949])
    }
}
