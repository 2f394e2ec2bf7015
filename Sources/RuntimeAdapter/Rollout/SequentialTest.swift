import Foundation

/// Whether events happen more often than they may: Wald's sequential probability ratio test (1945).
///
/// Between a share that is fine and one that is not, the logarithm of the likelihood ratio goes up with each
/// event and down otherwise; the test decides as soon as it leaves its bounds, wrongly in a share of
/// `error` of the cases at most (Wald's approximation). After a decision that all is well it goes on from
/// there, so that a good past hides a bad present for a bounded time only (Page 1954).
struct SequentialTest: Sendable, Hashable {
    private let up: Double
    private let down: Double
    private let upper: Double
    private let lower: Double
    private var ratio = 0.0
    /// Whether the share was found to be fine once.
    private(set) var isFine = false
    /// Whether the share was found to be too large; final.
    private(set) var isBroken = false

    /// - Parameters:
    ///   - fine: a share of events that is fine.
    ///   - limit: one that is not; larger.
    ///   - error: share of wrong decisions either way.
    init(fine: Double, limit: Double, error: Double) {
        let limit = min(max(limit.isNaN ? 0 : limit, 0.002), 0.999)
        let fine = min(max(fine.isNaN ? 0 : fine, 0.001), limit * 0.9)
        let error = min(max(error.isNaN ? 0 : error, 1e-9), 0.4)
        up = log(limit / fine)
        down = log((1 - limit) / (1 - fine))
        upper = log((1 - error) / error)
        lower = -upper
    }

    /// Takes one outcome in.
    mutating func add(_ isEvent: Bool) {
        guard !isBroken else { return }
        ratio += isEvent ? up : down
        if ratio >= upper { isBroken = true }
        if ratio <= lower { (ratio, isFine) = (lower, true) }
    }
}
