/// Which variants to keep for the contexts that were seen, and how good that is.
public struct FamilyChoice: Sendable {
    /// A candidate, and what became of it.
    public struct Member: Sendable {
        /// What it is.
        public let candidate: CandidateDescription
        /// Whether it stays whatever it is worth: a base, or what was named as staying.
        public let isFixed: Bool
        /// Share of the requests that it would serve within what they ask for.
        public let share: Double
        /// Share of the requests that it would serve for want of something that fits.
        public let fallbackShare: Double
        /// By how much the worth of the family falls without it, as a share of 1 for each request.
        public let loss: Double
    }

    /// What to keep: what stays in any case, then in the order of its use.
    public let kept: [Member]
    /// What is not needed.
    public let dropped: [Member]
    /// Worth of what is kept, for each request; 1 would be right answers to all of them in time.
    public let worth: Double
    /// The same of all candidates.
    public let worthOfAll: Double
    /// No family within the budget is worth more than this.
    public let bestPossible: Double
    /// What is certain whatever the instance: `exact`, `1-1/e`, `(1-1/e)/2` or `none`, of what can be added
    /// to what stays in any case.
    public let guarantee: String
    /// Whether what stays in any case is within the budget.
    public let isWithinBudget: Bool
    /// Share of the requests at each step of the ladder, with what is kept.
    public let steps: [Selection.Step: Double]
    /// Requests that all of this is about.
    public let requests: Double

    /// How far from the best possible it is at most, as a share of it.
    public var gap: Double {
        bestPossible > 0 ? max(0, (bestPossible - worth) / bestPossible) : 0
    }

    /// Bytes of the files of what is kept, bases not counted.
    public var keptBytes: Int {
        kept.filter { $0.candidate.kind == .variant }.reduce(0) { $0 + $1.candidate.fileBytes }
    }

    /// How many variants are kept, bases not counted.
    public var keptCount: Int { kept.count { $0.candidate.kind == .variant } }
}
