package import Contexts

/// A profile to prune for next, made from the limits of contexts that nothing serves.
package struct ProfileProposal: Sendable {
    /// What `prune --profile` takes.
    package internal(set) var profile: Profile
    /// The family that it is for.
    package let model: String
    /// The context whose limits it has.
    package let context: RequestContext
    /// Share of all requests that its variant would serve, and nothing serves now.
    package let share: Double
    /// The accuracy floor that its variant must keep; nil if its context has none.
    package let floor: Double?
    /// The variant that sizes were worked out from.
    package let origin: CandidateDescription
    /// Multiply-adds that it may keep of the base's, by the cost model with all widths narrowed alike.
    package let workShare: Double
    /// Bytes of the file that it may have.
    package let fileBytes: Int
    /// Its accuracy if it follows the trend of what was evaluated, 0 to 1; nil if less than two candidates of
    /// different work were, the base among them.
    package let expectedAccuracy: Double?
}

/// What to prune next, and for which requests nothing can be pruned.
package struct PruningProposals: Sendable {
    /// Why no pruned network would serve a context.
    package enum Obstacle: String, Sendable, CaseIterable {
        /// The context names no family of the catalogue.
        case noSuchModel = "no-such-model"
        /// The base itself is less accurate than the floor, or nobody evaluated what fits otherwise.
        case floor
        /// Not even a 64th of the file, or a sixteenth of the widths, keeps deadlines and memory.
        case limits
        /// No candidate of the family has a workload to go by.
        case noWorkload = "no-workload"
    }

    /// By the share that they add, the largest first.
    package let proposals: [ProfileProposal]
    /// Share of all requests that nothing serves within what they ask for.
    package let unserved: Double
    /// Of those, what no pruned network would serve; shares of all requests.
    package let obstacles: [Obstacle: Double]
}
