import Foundation

/// What was learned from observed times: by how much predictions are off, and how surely.
///
/// A value: observations in, corrections out. The logarithm of observed over predicted time is followed
/// for each pair of device class and variant, and for each class as a whole. What few observations say
/// is drawn towards what the class says, and that towards the prediction as it is.
/// `docs/adapter.md` has the formulas and what hostile reports can and cannot do.
public struct PerformanceModel: Sendable {
    /// What a prediction is multiplied by, and how far the product may be off.
    public struct Correction: Sendable, Hashable {
        /// Observed over predicted time.
        public let factor: Double
        /// Variance of the time as a share of it, squared.
        public let variance: Double
    }

    struct Key: Sendable, Hashable {
        let quantity: ObservedQuantity
        let deviceClass: String
        /// Empty for the class as a whole.
        let digest: String
    }

    /// How fast observations are believed, and what bounds them.
    public let options: LearningOptions
    private(set) var cells: [Key: RatioEstimate] = [:]
    private var limiter: RateLimiter
    private var clock: UInt64 = 0

    /// A model that has seen nothing.
    public init(options: LearningOptions = LearningOptions()) {
        self.options = options
        limiter = RateLimiter(
            burst: options.burst, perMinute: options.reportsPerMinute, mostKeys: options.mostClients
        )
    }

    /// How many pairs of class and variant, and classes, are remembered.
    public var cellCount: Int { cells.count }

    /// The longest time that is believed, in milliseconds: an hour.
    public static let longestMs = 3_600_000.0

    /// Takes an observation in, if it is believable.
    ///
    /// - Complexity: O(1); when there are too many cells, once in a while O(cells log cells).
    public mutating func record(_ observation: Observation) -> ObservationOutcome {
        let (observed, predicted) = (observation.observedMs, observation.predictedMs)
        guard observed.isFinite, observed > 0, observed <= Self.longestMs, predicted.isFinite,
            predicted > 0
        else { return .absurd }
        let client = observation.client.map(StableHash.of)
        if let client, !limiter.allows(client, atMs: observation.atMs) { return .tooOften }
        let bound = log(options.largestRatio)
        let ratio = min(max(log(observed / predicted), -bound), bound)
        let whole = Key(
            quantity: observation.quantity, deviceClass: observation.deviceClass, digest: "")
        let own = Key(
            quantity: observation.quantity, deviceClass: observation.deviceClass,
            digest: observation.digest)
        _ = add(ratio, to: whole, client: client)
        let weight = add(ratio, to: own, client: client)
        if cells.count > options.mostCells { forget() }
        return .accepted(weight: weight)
    }

    private mutating func add(_ ratio: Double, to key: Key, client: UInt64?) -> Double {
        clock &+= 1
        var cell = cells[key] ?? RatioEstimate(mean: 0, variance: Self.firstVariance)
        let weight = cell.add(ratio, client: client, rate: options.rate)
        cell.stamp = clock
        cells[key] = cell
        return weight
    }

    /// Of a cell before its first observation: wide, so that the first ones move it.
    private static let firstVariance = 0.25

    /// What to multiply a prediction by.
    ///
    /// - Parameters:
    ///   - deviceClass: ``DeviceClass/id``.
    ///   - digest: of the variant's artifact.
    ///   - priorShare: one standard deviation of the prediction before anything was observed, as a share.
    public func correction(
        of quantity: ObservedQuantity, deviceClass: String, digest: String, priorShare: Double
    ) -> Correction {
        var belief = (mean: 0.0, variance: priorShare * priorShare)
        for digest in ["", digest] {
            let key = Key(quantity: quantity, deviceClass: deviceClass, digest: digest)
            guard let cell = cells[key] else { continue }
            let evidence = cell.evidence(perClient: options.weightPerClient)
            let share = evidence / (evidence + options.priorWeight)
            // What the two disagree about is uncertain, too.
            let gap = cell.mean - belief.mean
            belief = (
                belief.mean + share * gap,
                share * cell.variance + (1 - share) * belief.variance
                    + share * (1 - share) * gap * gap
            )
        }
        return Correction(factor: exp(belief.mean), variance: belief.variance)
    }

    /// Drops the quarter that was silent for longest.
    private mutating func forget() {
        let stamps = cells.values.map(\.stamp).sorted()
        let limit = stamps[stamps.count / 4]
        cells = cells.filter { $0.value.stamp > limit }
    }

    // MARK: Stored form

    mutating func restore(_ cells: [Key: RatioEstimate]) {
        clock = UInt64(cells.count)
        self.cells = cells
        if cells.count > options.mostCells { forget() }
    }
}
