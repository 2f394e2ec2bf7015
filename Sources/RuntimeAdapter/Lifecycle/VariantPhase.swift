/// How far a variant is on its way into service and out of it.
public enum VariantPhase: String, Sendable, Hashable, CaseIterable {
    /// Nobody asked for it yet.
    case known
    /// Its file is on the way.
    case fetching
    /// Its file is there and checked; it waits for room.
    case verified
    /// The server's loader has it.
    case warming
    /// It can be used.
    case ready
    /// Whoever uses it keeps it; nobody gets it any more.
    case retiring
    /// It is tried again when the backoff is over.
    case failed
}

/// Why a variant could not be made ready.
public enum LifecycleFailure: String, Sendable, Hashable, CaseIterable, Error {
    /// The source could not hand it out.
    case fetch
    /// Its content or signature is not what it should be.
    case unverified
    /// The loader threw.
    case load
    /// Fetching or loading took longer than its deadline.
    case timedOut = "timed-out"
    /// All room was in use until the deadline.
    case noRoom = "no-room"
    /// It is larger than the whole budget.
    case tooLarge = "too-large"
    /// It is not to be served any more.
    case withdrawn
}

/// Bounds of the lifecycle.
public struct LifecycleOptions: Sendable, Hashable {
    /// Bytes that loaded variants may take together; the pinned ones always stay.
    public let budgetBytes: Int
    /// How long a fetch, and then waiting for room, may take.
    public let fetchDeadline: Duration
    /// How long loading and warming may take.
    public let loadDeadline: Duration
    /// Wait after the first failure; each further one doubles it.
    public let firstBackoff: Duration
    /// The longest wait.
    public let longestBackoff: Duration
    /// What the jitter of backoffs is drawn from.
    public let seed: UInt64

    /// Numbers that make no sense are moved to the nearest that do.
    public init(
        budgetBytes: Int = 1 << 30, fetchDeadline: Duration = .seconds(60),
        loadDeadline: Duration = .seconds(60), firstBackoff: Duration = .seconds(1),
        longestBackoff: Duration = .seconds(300), seed: UInt64 = 1
    ) {
        self.budgetBytes = max(0, budgetBytes)
        self.fetchDeadline = max(fetchDeadline, .milliseconds(1))
        self.loadDeadline = max(loadDeadline, .milliseconds(1))
        self.firstBackoff = max(firstBackoff, .milliseconds(1))
        self.longestBackoff = max(longestBackoff, self.firstBackoff)
        self.seed = seed
    }
}
