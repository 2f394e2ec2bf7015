import Pruning

/// What the units of each channel group are worth.
package struct GroupImportance: Sendable {
    /// The criterion's name.
    package var criterion: String
    /// For each group, the importance of each unit, comparable between groups.
    package var scores: [[Double]]
    /// For each group a measured curve, where there are any; else the scores add up.
    package var curves: [ImportanceCurve]?

    package init(criterion: String, scores: [[Double]], curves: [ImportanceCurve]? = nil) {
        self.criterion = criterion
        self.scores = scores
        self.curves = curves
    }

    /// The importance that a group keeps at each of some widths, when its protected units stay first.
    func kept(_ index: Int, of group: ChannelGroup, widths: [Int]) -> [Double] {
        if let curves, curves.indices.contains(index) { return widths.map { curves[index][$0] } }
        let scores = scores.indices.contains(index) ? scores[index] : []
        guard scores.count == group.size else { return widths.map(Double.init) }
        let stay = group.protections.keys.reduce(0.0) { $0 + max(scores[$1], 0) }
        let free = ImportanceCurve(
            scores: scores.indices.filter { group.protections[$0] == nil }.map { scores[$0] })
        return widths.map { stay + free[$0 - group.protections.count] }
    }
}
