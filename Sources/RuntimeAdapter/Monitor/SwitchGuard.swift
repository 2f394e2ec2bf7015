/// Decides when a client changes from the variant that it uses to the one that was selected for it.
///
/// A value: proposals in, decisions out, time given by the caller. At a threshold the selection changes with
/// every fluctuation; the guard changes only for a gain with room to spare, or to escape a missed
/// deadline, and never twice within the dwell. So over a time `T` there are at most `T / dwell + 1`
/// switches, whatever is proposed, but for those away from what is no longer there.
public struct SwitchGuard: Sendable, Hashable {
    /// How much of a gain is worth a change.
    public struct Options: Sendable, Hashable {
        /// The least time between two switches, in milliseconds.
        public let dwellMs: Double
        /// A proposal must leave this share of its deadlines free, so that it holds when things vary.
        public let headroom: Double
        /// Of two equally accurate ones the other must be faster by this share.
        public let speedMargin: Double

        /// Numbers that make no sense are moved to the nearest that do.
        public init(dwellMs: Double = 30_000, headroom: Double = 0.15, speedMargin: Double = 0.1) {
            self.dwellMs = dwellMs >= 0 ? min(dwellMs, 1e12) : 0
            self.headroom = headroom >= 0 ? min(headroom, 0.9) : 0
            self.speedMargin = speedMargin >= 0 ? min(speedMargin, 0.9) : 0
        }
    }

    /// A variant as the guard sees it.
    public struct Option: Sendable, Hashable {
        /// What tells it from others, such as its digest.
        public var id: String
        /// Share of right answers; nil if nobody evaluated.
        public var accuracy: Double?
        /// Expected time of an inference in milliseconds.
        public var inferenceMs: Double
        /// The share of its deadlines that it needs: above 1 it misses one.
        public var strain: Double

        /// An option.
        public init(id: String, accuracy: Double?, inferenceMs: Double, strain: Double) {
            self.id = id
            self.accuracy = accuracy
            self.inferenceMs = inferenceMs
            self.strain = strain
        }

        /// A candidate as it was assessed in the client's context.
        ///
        /// What breaks a rule that is not about time, such as memory, is strained without limit.
        public init(_ assessment: Assessment) {
            let isOut = assessment.rejections.contains {
                switch $0 {
                case .inference, .inferenceUnknown, .load, .loadUnknown: false
                case .untrusted, .memory, .accuracy, .accuracyUnknown: true
                }
            }
            self.init(
                id: assessment.candidate.digest, accuracy: assessment.candidate.accuracy,
                inferenceMs: assessment.inference?.meanMs ?? .infinity,
                strain: isOut ? .infinity : assessment.strain)
        }
    }

    /// What to do, and why.
    public enum Decision: Sendable, Hashable {
        /// Take the proposal: it is the first.
        case adopt
        /// Change: what was used is not there any more.
        case replaceMissing
        /// Change: what was used misses a deadline, and the proposal is less strained.
        case escape
        /// Change: the proposal is better, with room to spare.
        case improve
        /// Stay: it is the same.
        case same
        /// Stay: the last change is not long enough ago.
        case dwell
        /// Stay: the proposal is not better by enough.
        case notWorthIt

        /// Whether the proposal is used from now on.
        public var isSwitch: Bool {
            switch self {
            case .adopt, .replaceMissing, .escape, .improve: true
            case .same, .dwell, .notWorthIt: false
            }
        }
    }

    /// How much of a gain is worth a change.
    public let options: Options
    /// What is used now; nil before the first proposal.
    public private(set) var current: String?
    /// How often the used one changed, the first not counted.
    public private(set) var switches = 0
    private var timeline = Timeline()
    private var sinceMs = 0.0

    /// A guard of a client that uses nothing yet.
    public init(options: Options = Options()) { self.options = options }

    /// Takes a proposal in.
    ///
    /// - Parameters:
    ///   - proposal: what was selected.
    ///   - used: what is used, as it stands in the present context; nil if it is no longer there.
    ///   - atMs: now, in milliseconds on any clock; one that goes back lengthens the dwell at most.
    public mutating func consider(
        _ proposal: Option, used: Option?, atMs: Double
    ) -> Decision {
        let now = timeline.advance(to: atMs)
        let decision = decide(proposal, used: used, now: now)
        guard decision.isSwitch else { return decision }
        if current != nil { switches += 1 }
        (current, sinceMs) = (proposal.id, now)
        return decision
    }

    private func decide(_ proposal: Option, used: Option?, now: Double) -> Decision {
        guard let current else { return .adopt }
        if current == proposal.id { return .same }
        // Nothing to stay with, so nothing to wait for.
        guard let used, used.id == current else { return .replaceMissing }
        let isDwelling = now - sinceMs < options.dwellMs
        if used.strain > 1, proposal.strain < used.strain {
            return isDwelling ? .dwell : .escape
        }
        guard isBetter(proposal, than: used), proposal.strain <= 1 - options.headroom else {
            return .notWorthIt
        }
        return isDwelling ? .dwell : .improve
    }

    private func isBetter(_ proposal: Option, than used: Option) -> Bool {
        let (one, other) = (proposal.accuracy ?? -1, used.accuracy ?? -1)
        if one != other { return one > other }
        return proposal.inferenceMs < used.inferenceMs * (1 - options.speedMargin)
    }
}
