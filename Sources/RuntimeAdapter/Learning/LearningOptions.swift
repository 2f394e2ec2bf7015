/// How fast observations are believed, and what bounds them.
public struct LearningOptions: Sendable, Hashable {
    /// Weight of a new observation once there are some, 0 to 1.
    public let rate: Double
    /// So many observations weigh as much as what was believed before them.
    public let priorWeight: Double
    /// An observed time counts as at most so many times the predicted one, and at least as its inverse.
    public let largestRatio: Double
    /// The weight that reports of one client alone can reach, in observations.
    public let weightPerClient: Double
    /// Reports that a client may make at once, and per minute on average.
    public let burst: Double
    /// Reports per minute that a client may make on average.
    public let reportsPerMinute: Double
    /// The most pairs of device class and variant that are remembered.
    public let mostCells: Int
    /// The most clients whose rate is watched.
    public let mostClients: Int

    /// Numbers out of their sensible range are moved into it.
    public init(
        rate: Double = 0.1, priorWeight: Double = 8, largestRatio: Double = 8,
        weightPerClient: Double = 4, burst: Double = 30, reportsPerMinute: Double = 60,
        mostCells: Int = 8192, mostClients: Int = 16_384
    ) {
        func inRange(_ value: Double, _ range: ClosedRange<Double>) -> Double {
            value >= range.lowerBound ? min(value, range.upperBound) : range.lowerBound
        }
        self.rate = inRange(rate, 0.001...1)
        self.priorWeight = inRange(priorWeight, 0.001...1_000_000)
        self.largestRatio = inRange(largestRatio, 1...1000)
        self.weightPerClient = inRange(weightPerClient, 0...1_000_000)
        self.burst = inRange(burst, 1...1_000_000)
        self.reportsPerMinute = inRange(reportsPerMinute, 0...1_000_000)
        self.mostCells = min(max(mostCells, 16), 1 << 20)
        self.mostClients = min(max(mostClients, 16), 1 << 20)
    }
}
