import Synchronization

/// A loaded model for as long as somebody uses it: it is not unloaded before the lease is let go.
public final class Lease<Model: Sendable>: Sendable {
    /// Why it is this model.
    public enum Origin: String, Sendable, Hashable, CaseIterable {
        /// The one that was selected, and it was loaded already.
        case ready
        /// The one that was selected; the request waited for it.
        case loaded
        /// Another one that was loaded already, while the selected one is on its way or fails.
        case substitute
        /// Another one that the request waited for, as the selected one failed.
        case alternative
    }

    /// The server's model.
    public let model: Model
    /// What it was loaded from.
    public let candidate: CandidateDescription
    /// Why it is this model.
    public let origin: Origin
    /// What was selected, with its figures, and by which arm of a roll-out.
    public let route: Route
    private let giveBack: Mutex<(@Sendable () -> Void)?>

    init(
        model: Model, candidate: CandidateDescription, origin: Origin, route: Route,
        giveBack: @escaping @Sendable () -> Void
    ) {
        self.model = model
        self.candidate = candidate
        self.origin = origin
        self.route = route
        self.giveBack = Mutex(giveBack)
    }

    /// Lets the model go; once is enough, and dropping the lease does so too.
    public func release() {
        let giveBack = giveBack.withLock { giveBack in
            defer { giveBack = nil }
            return giveBack
        }
        giveBack?()
    }

    deinit { release() }
}

/// What a context gets: the selection, and which version of it the roll-out of its line gives.
public struct Route: Sendable {
    /// What was selected, and why.
    public let selection: Selection
    /// What to serve; nil for `remote`.
    public let candidate: CandidateDescription?
    /// Which side of a roll-out the client is on; nil without one.
    public let arm: Rollout.Arm?
    /// What to run beside it, unseen by the client; nil but in a shadow roll-out.
    public let shadow: CandidateDescription?
}
