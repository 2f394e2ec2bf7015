/// How a new version of a line of variants comes into service.
public struct RolloutPlan: Sendable, Hashable {
    /// Who gets the new version.
    public enum Mode: Sendable, Hashable {
        /// This share of the clients, always the same ones; 0 to 1.
        case canary(share: Double)
        /// Nobody; who asks is told of it beside the old one and may run both.
        case shadow
    }

    /// Who gets the new version.
    public let mode: Mode
    /// An answer of the new version may take so many milliseconds, but for a share of `slowShare`; nil
    /// without such a limit.
    public let latencyMs: Double?
    /// The share of answers that may take longer; 0.05 makes the limit one for the 95th percentile.
    public let slowShare: Double
    /// The share of answers that may fail.
    public let errorShare: Double
    /// No decision before so many observations of the new version.
    public let leastObservations: Int
    /// So many observations of one client count.
    public let mostPerClient: Int
    /// Share of wrong decisions; the test's `error`.
    public let falseAlarms: Double
    /// Whether the new version takes over by itself once it is found to be fine.
    public let promotesItself: Bool

    /// Numbers that make no sense are moved to the nearest that do.
    public init(
        _ mode: Mode = .canary(share: 0.1), latencyMs: Double? = nil, slowShare: Double = 0.05,
        errorShare: Double = 0.01, leastObservations: Int = 50, mostPerClient: Int = 8,
        falseAlarms: Double = 0.001, promotesItself: Bool = false
    ) {
        func share(_ value: Double, _ absent: Double) -> Double {
            value.isNaN ? absent : min(max(value, 0), 1)
        }
        self.mode =
            switch mode {
            case .canary(let value): .canary(share: share(value, 0))
            case .shadow: .shadow
            }
        self.latencyMs = latencyMs.flatMap { $0 > 0 ? $0 : nil }
        self.slowShare = min(max(share(slowShare, 0.05), 0.001), 0.4)
        self.errorShare = min(max(share(errorShare, 0.01), 0.001), 0.4)
        self.leastObservations = max(1, leastObservations)
        self.mostPerClient = max(1, mostPerClient)
        self.falseAlarms = min(max(share(falseAlarms, 0.001), 1e-9), 0.4)
        self.promotesItself = promotesItself
    }
}
