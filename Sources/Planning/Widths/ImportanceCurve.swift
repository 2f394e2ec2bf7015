/// How much importance a channel group keeps at each width.
///
/// The planner knows nothing else of what makes channels important: norms of weights, or the
/// measured effect on the network's output.
package struct ImportanceCurve: Hashable, Sendable {
    /// The importance kept at each width, from 0 up to all units; never falls.
    package let kept: [Double]

    /// The best that each width can keep, from what single units are worth.
    ///
    /// The most important ones stay. Units of negative or undefined worth count as worthless.
    package init(scores: [Double]) {
        var kept = [0.0]
        kept.reserveCapacity(scores.count + 1)
        var sum = 0.0
        for score in scores.map({ $0.isFinite ? max($0, 0) : 0 }).sorted(by: >) {
            sum += score
            kept.append(sum)
        }
        self.kept = kept
    }

    /// A measured curve; where it falls, noise did, and the value before holds on.
    ///
    /// - Parameter kept: the importance kept at each width, from 0 up to all units.
    package init(kept: [Double]) {
        var best = 0.0
        self.kept = kept.map {
            best = max(best, $0.isFinite ? $0 : 0)
            return best
        }
    }

    package var fullWidth: Int { max(kept.count - 1, 0) }

    /// The importance of all units.
    package var total: Double { kept.last ?? 0 }

    package subscript(width: Int) -> Double { kept[min(max(width, 0), fullWidth)] }
}
