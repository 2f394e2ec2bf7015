import ModelGraph
import Pruning

/// What the units of each channel group are worth.
///
/// A group that keeps the share s of its importance passes on a signal of strength s with noise of
/// strength 1 − s; noise of several groups adds up. So the worth of a width is 1 less the ratio of noise to
/// signal, (1 − s) / s: the first units to go cost about what they are worth, the last ones cost without
/// bound, and no group is emptied to spare another. It counts once for each layer that makes or reads
/// the channels: what a residual stream loses is missing in every block on it.
package struct GroupImportance: Sendable {
    /// The criterion's name.
    package var criterion: String
    /// For each group, the importance of each unit.
    package var scores: [[Double]]
    /// For each group the measured worth of each width, where there are such curves; else the
    /// scores tell it.
    package var curves: [ImportanceCurve]?

    package init(criterion: String, scores: [[Double]], curves: [ImportanceCurve]? = nil) {
        self.criterion = criterion
        self.scores = scores
        self.curves = curves
    }

    /// The worth of a group at each of some widths, when its protected units stay first.
    func kept(_ index: Int, of group: ChannelGroup, widths: [Int]) -> [Double] {
        if let curves, curves.indices.contains(index) { return widths.map { curves[index][$0] } }
        let weight = Self.weight(of: group)
        return shares(index, of: group, widths: widths).map { weight * Self.worth(ofShare: $0) }
    }

    /// The share of a group's importance that is kept at each of some widths.
    func shares(_ index: Int, of group: ChannelGroup, widths: [Int]) -> [Double] {
        if let curves, curves.indices.contains(index) {
            let total = curves[index].total
            return widths.map { total > 0 ? curves[index][$0] / total : 1 }
        }
        let scores = scores.indices.contains(index) ? scores[index] : []
        guard scores.count == group.size else {
            return widths.map { Double($0) / Double(max(group.size, 1)) }
        }
        let stay = group.protections.keys.reduce(0.0) { $0 + max(scores[$1], 0) }
        let free = ImportanceCurve(
            scores: scores.indices.filter { group.protections[$0] == nil }.map { scores[$0] })
        let total = stay + free.total
        return widths.map { width in
            total > 0 ? (stay + free[width - group.protections.count]) / total : 1
        }
    }

    /// How much a group counts: 1 for channels that one layer makes and another reads.
    static func weight(of group: ChannelGroup) -> Double {
        func layers(_ use: WeightAxisUse) -> Int {
            Set(group.weights.filter { $0.use == use }.map(\.axis.layer)).count
        }
        return max(Double(layers(.produces) + layers(.consumes)) / 2, 0.5)
    }

    /// One less the ratio of noise to signal.
    static func worth(ofShare share: Double) -> Double { 2 - 1 / max(share, 1e-9) }

    /// The share of the importance that has this worth, 0 to 1.
    static func share(ofWorth worth: Double) -> Double { 1 / max(2 - worth, 1) }
}
