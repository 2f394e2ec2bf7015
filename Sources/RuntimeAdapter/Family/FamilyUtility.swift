/// What serving a candidate in a context is worth.
///
/// It orders candidates as a selection does, so that the worth of a family in a context, the most that one of
/// its candidates is worth there, is the worth of what a selection from that family serves:
///
///     keeps memory, floor and deadlines     a(v)
///     misses a deadline                     r · (¼ + ¼ · min(1, limit / time))
///     the base, below the floor             r / 8
///     nothing may run there                 0
///
/// `a` is the accuracy. What nobody evaluated has `a = least · (½ + ½ · multiply-adds / most)`, with the least
/// accuracy of those evaluated (1 if there are none) and the most multiply-adds of those that are not. `r` is
/// the least `a` of the family, `time` that of load and inference, `limit` the deadlines together. What clients
/// have already is left out: a family is chosen for those that come anew.
struct FamilyUtility {
    private let catalogue: VariantCatalogue
    /// Of each candidate.
    private let scores: [Double]
    /// Of each candidate's family, the least score.
    private let least: [Double]

    /// - Complexity: O(candidates).
    init(_ catalogue: VariantCatalogue) {
        self.catalogue = catalogue
        var scores = [Double](repeating: 0, count: catalogue.candidates.count)
        var least = scores
        for model in catalogue.models {
            guard let family = catalogue.family(model) else { continue }
            let known = family.map { catalogue.figures[$0].accuracy }.filter { $0 >= 0 }
            let unknownWork = family.filter { catalogue.figures[$0].accuracy < 0 }
                .map { Double(catalogue.candidates[$0].multiplyAdds) }
            let (floor, most) = (known.min() ?? 1, max(1, unknownWork.max() ?? 1))
            for index in family {
                let accuracy = catalogue.figures[index].accuracy
                let work = Double(max(0, catalogue.candidates[index].multiplyAdds))
                scores[index] = accuracy >= 0 ? accuracy : floor * (0.5 + 0.5 * work / most)
            }
            let lowest = family.map { scores[$0] }.min() ?? 0
            for index in family { least[index] = lowest }
        }
        self.scores = scores
        self.least = least
    }

    /// What a candidate is worth in a context, 0 to 1.
    func value(of index: Int, in evaluation: Evaluation) -> Double {
        guard evaluation.isUsable(index) else { return 0 }
        guard evaluation.mayServe(index) else {
            return catalogue.candidates[index].kind == .base ? least[index] / 8 : 0
        }
        guard !evaluation.fits(index, copy: .none) else { return scores[index] }
        let deadlines = [
            evaluation.context.loadDeadlineMs, evaluation.context.inferenceDeadlineMs,
        ].filter(\.isFinite)
        let (limit, time) = (deadlines.reduce(0, +), evaluation.cost(index, copy: .none))
        let share = time <= limit ? 1 : limit / time
        return least[index] * (0.25 + 0.25 * share)
    }
}

/// A context, and how often it was seen.
public struct WeightedContext: Sendable, Hashable {
    /// The context.
    public var context: RequestContext
    /// How many requests it stands for; what is no positive number counts as none.
    public var count: Double

    /// A context that stands for so many requests.
    public init(_ context: RequestContext, count: Double = 1) {
        self.context = context
        self.count = count
    }

    /// The count as it is computed with.
    var weight: Double { count > 0 && count.isFinite ? min(count, 1e15) : 0 }
}
