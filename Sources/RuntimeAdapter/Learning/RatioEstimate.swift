import Foundation

/// What observations say about the logarithm of observed over predicted time: mean and variance.
///
/// An exponentially weighted mean in which an observation moves things by a bounded step (Huber, "Robust
/// estimation of a location parameter", 1964). The variance is that of the clipped steps, so a true
/// change widens it within a few observations and is then followed quickly, and a lone liar is not.
struct RatioEstimate: Sendable, Hashable {
    private(set) var mean: Double
    private(set) var variance: Double
    /// Weights of observations added up, at most ``mostWeight``.
    private(set) var weight = 0.0
    /// How much of the weight came from the server itself.
    private(set) var trustedWeight = 0.0
    /// Whose reports the last ones were, newest last; hashes.
    private(set) var recent: [UInt64] = []
    /// The most different clients that ``recent`` ever had.
    private(set) var clients = 0
    /// When it last changed, counted in observations.
    var stamp: UInt64 = 0

    static let mostWeight = 64.0
    static let recentCount = 16
    /// Beyond so many standard deviations an observation counts as if it lay there.
    static let clip = 2.5
    /// No standard deviation is believed to be smaller; clocks and schedulers alone make as much.
    static let leastDeviation = 0.02

    /// - Parameters:
    ///   - mean: what is believed before there are observations.
    ///   - variance: of that belief.
    init(mean: Double, variance: Double) {
        self.mean = mean
        self.variance = variance
    }

    /// What was stored.
    init(mean: Double, variance: Double, weight: Double, trustedWeight: Double, clients: Int) {
        self.mean = mean
        self.variance = variance
        self.weight = weight
        self.trustedWeight = trustedWeight
        self.clients = clients
    }

    /// Takes an observation in.
    ///
    /// - Parameter client: hash of the client's key; nil for the server itself.
    /// - Returns: how much it counts: 1, or less if the client is behind many of the last ones.
    mutating func add(_ logRatio: Double, client: UInt64?, rate: Double) -> Double {
        var share = 1.0
        if let client {
            share = 1 / Double(1 + recent.count { $0 == client })
            if recent.count == Self.recentCount { recent.removeFirst() }
            recent.append(client)
            clients = max(clients, Set(recent).count)
        } else {
            trustedWeight = min(trustedWeight + 1, Self.mostWeight)
        }
        let deviation = max(variance.squareRoot(), Self.leastDeviation)
        let step = min(max(logRatio - mean, -Self.clip * deviation), Self.clip * deviation)
        let part = share * max(rate, 1 / (weight + 2))
        mean += part * step
        variance = max(
            (1 - part) * variance + part * step * step, Self.leastDeviation * Self.leastDeviation)
        weight = min(weight + share, Self.mostWeight)
        return share
    }

    /// How many observations it is worth: no more than its clients may bring.
    func evidence(perClient: Double) -> Double {
        min(weight, trustedWeight + perClient * Double(clients))
    }
}
