import Foundation

/// Estimates one client's network from the transfers that it makes.
///
/// A value: observations in, estimates out, time given by the caller. The last transfers count, as long as
/// they are recent; medians keep outliers out; the deviation says how far the next transfer may be off,
/// and grows while nothing is heard. A clock that goes back does no harm.
public struct ContextMonitor: Sendable, Hashable {
    /// What is looked at.
    public struct Options: Sendable, Hashable {
        /// The most transfers that count.
        public let window: Int
        /// Older ones do not count, in milliseconds, as long as two newer ones do.
        public let horizonMs: Double
        /// After so long without an observation nothing is known, in milliseconds.
        public let expiryMs: Double
        /// After so many failures in a row the network counts as gone.
        public let failuresForOutage: Int

        /// Numbers that make no sense are moved to the nearest that do.
        public init(
            window: Int = 24, horizonMs: Double = 60_000, expiryMs: Double = 600_000,
            failuresForOutage: Int = 3
        ) {
            self.window = min(max(window, 3), 256)
            self.horizonMs = horizonMs >= 1 ? min(horizonMs, 1e12) : 1
            self.expiryMs = expiryMs >= 1 ? min(expiryMs, 1e12) : 1
            self.failuresForOutage = max(1, failuresForOutage)
        }
    }

    /// What is looked at.
    public let options: Options
    private var timeline = Timeline()
    /// With times of the timeline, oldest first.
    private var transfers: [Transfer] = []
    private var pings: [Ping] = []
    private var failures = 0

    private struct Ping: Hashable {
        let ms: Double
        let atMs: Double
    }

    /// A monitor that has seen nothing.
    public init(options: Options = Options()) { self.options = options }

    /// Whether the last attempts all failed.
    public var isInOutage: Bool { failures >= options.failuresForOutage }

    // MARK: Events

    /// A transfer ended well.
    @discardableResult
    public mutating func record(_ transfer: Transfer) -> TransferOutcome {
        guard transfer.bytes > 0, transfer.bytes <= 1 << 50, transfer.durationMs.isFinite,
            transfer.durationMs > 0, transfer.durationMs <= 86_400_000,
            (0...100).contains(transfer.roundTrips), transfer.atMs.isFinite
        else { return .absurd }
        var transfer = transfer
        transfer.atMs = timeline.advance(to: transfer.atMs)
        failures = 0
        transfers.append(transfer)
        if transfers.count > options.window { transfers.removeFirst() }
        return .accepted
    }

    /// A round trip was timed by itself, in milliseconds.
    @discardableResult
    public mutating func recordRoundTrip(_ ms: Double, atMs: Double) -> TransferOutcome {
        guard ms.isFinite, ms >= 0, ms <= 60_000, atMs.isFinite else { return .absurd }
        failures = 0
        pings.append(Ping(ms: ms, atMs: timeline.advance(to: atMs)))
        if pings.count > options.window { pings.removeFirst() }
        return .accepted
    }

    /// A transfer broke off or never began.
    public mutating func recordFailure(atMs: Double) {
        _ = timeline.advance(to: atMs)
        failures = min(failures + 1, Int(Int32.max))
    }

    // MARK: Decisions

    /// What is known of the network now.
    ///
    /// - Returns: nil before the first transfer, in an outage, and after a long silence.
    /// - Complexity: O(window² log window).
    public func network(atMs: Double) -> RequestContext.Network? {
        guard !isInOutage, let newest = transfers.last else { return nil }
        let now = max(timeline.time(at: atMs), newest.atMs)
        let silence = now - max(newest.atMs, pings.last?.atMs ?? newest.atMs)
        guard silence <= options.expiryMs else { return nil }
        let oldest = newest.atMs - options.horizonMs
        let recent = transfers.filter { $0.atMs >= oldest }
        let counting = recent.count >= 2 ? recent : Array(transfers.suffix(2))
        let trips = pings.filter { $0.atMs >= oldest }.map(\.ms)
        guard let fit = NetworkFit(counting, pings: trips), fit.msPerByte > 0 else { return nil }
        let bandwidth = 1 / (fit.msPerByte * 125)
        // Few transfers, and old ones, leave more open than they show.
        let count = Double(counting.count)
        let share =
            ((fit.bandwidthShare * fit.bandwidthShare * count
            + Self.priorShare * Self.priorShare * Self.priorCount) / (count + Self.priorCount)
            + Self.driftVariance * silence / options.horizonMs).squareRoot()
        return RequestContext.Network(
            bandwidthMbps: Estimate(bandwidth, deviation: bandwidth * share),
            roundTripMs: Estimate(
                fit.roundTripMs, deviation: max(fit.roundTripDeviation, fit.roundTripMs * 0.05)))
    }

    /// How far the rate of a network that was seen once may be off, as a share, and how many transfers
    /// outweigh that.
    private static let priorShare = 0.5
    private static let priorCount = 2.0
    /// What a horizon of silence adds to the variance.
    private static let driftVariance = 0.04
}
