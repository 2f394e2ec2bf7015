/// What becomes of each variant: a value, events in, actions out, no I/O, time given by the caller.
///
/// Invariants, whatever the events:
/// - at most one fetch or load of a digest is out at a time, even if it was given up on;
/// - what is loaded, being loaded or not yet unloaded takes no more than the budget, the pinned ones apart;
/// - a variant is ready only after its file was verified and its loader returned;
/// - what somebody uses is not unloaded.
struct LifecycleMachine: Sendable {
    /// What one variant is at.
    struct Entry: Sendable {
        var phase = VariantPhase.known
        var bytes: Int
        /// The last fetch or load; whatever else arrives is stale.
        var attempt: UInt64 = 0
        /// Whether the attempt is out, even if it was given up on.
        var isOut = false
        /// Where the attempt was when it was given up on.
        var stage = VariantPhase.fetching
        /// Whether its bytes count.
        var holdsBytes = false
        var users = 0
        var failures = 0
        var failure: LifecycleFailure?
        var retryAtMs = 0.0
        var startedMs = 0.0
        /// For the order of eviction; see ``LifecycleMachine/touch(_:)``.
        var frequency = 0.0
        var costMs = 1.0
        var priority = 0.0
    }

    /// What is to be done; the attempt tells its outcome from those of others.
    enum Action: Sendable, Hashable {
        /// Get the file and check it.
        case fetch(String, attempt: UInt64)
        /// Load and warm what was fetched.
        case load(String, attempt: UInt64)
        /// Unload a model that nobody uses, then say so.
        case unload(String, attempt: UInt64)
        /// The model can be used from now on.
        case announce(String)
        /// Whoever waits for it waits in vain.
        case giveUp(String, LifecycleFailure)
        /// The file that was fetched is not needed.
        case dropFile(String, attempt: UInt64)
    }

    let options: LifecycleOptions
    var entries: [String: Entry] = [:]
    /// Bytes of models that are being unloaded, by attempt.
    var leaving: [UInt64: Int] = [:]
    /// Of everything that is loaded, being loaded or not yet unloaded.
    var heldBytes = 0
    /// Always stay, whatever the budget.
    var pinned: Set<String> = []
    /// What serves until another one is ready, and that other one; not evicted for it, and last for others.
    var successors: [String: String] = [:]
    /// Priority of what was evicted last: what was not used since then is worth no more.
    var inflation = 0.0
    var evictions = 0
    private var backoff: Backoff
    private var lastAttempt: UInt64 = 0
    private var timeline = Timeline()

    init(options: LifecycleOptions) {
        self.options = options
        backoff = Backoff(options)
    }

    func phase(of digest: String) -> VariantPhase? { entries[digest]?.phase }

    // MARK: Events

    /// Somebody needs a variant.
    mutating func want(_ digest: String, bytes: Int, atMs: Double) -> [Action] {
        let now = timeline.advance(to: atMs)
        var entry = entries[digest] ?? Entry(bytes: max(0, bytes))
        defer { entries[digest] = entry }
        switch entry.phase {
        case .ready: return [.announce(digest)]
        case .fetching, .verified, .warming: return []
        case .retiring:
            entry.phase = .ready
            return [.announce(digest)]
        case .failed where entry.isOut:
            // What was withdrawn is on its way still; anything else hangs.
            guard entry.failure == .withdrawn else {
                return [.giveUp(digest, entry.failure ?? .timedOut)]
            }
            (entry.phase, entry.failure) = (entry.stage, nil)
            return []
        case .failed where now < entry.retryAtMs:
            return [.giveUp(digest, entry.failure ?? .load)]
        case .known, .failed: break
        }
        entry.bytes = max(0, bytes)
        if entry.bytes > options.budgetBytes, !pinned.contains(digest) {
            (entry.phase, entry.failure, entry.retryAtMs) = (.failed, .tooLarge, now)
            return [.giveUp(digest, .tooLarge)]
        }
        lastAttempt += 1
        (entry.phase, entry.stage) = (.fetching, .fetching)
        (entry.attempt, entry.isOut, entry.startedMs) = (lastAttempt, true, now)
        return [.fetch(digest, attempt: lastAttempt)]
    }

    /// A file is there, and verified.
    mutating func fetched(_ digest: String, attempt: UInt64, atMs: Double) -> [Action] {
        _ = timeline.advance(to: atMs)
        guard var entry = entries[digest], entry.attempt == attempt, entry.isOut else {
            return [.dropFile(digest, attempt: attempt)]
        }
        entry.isOut = false
        guard entry.phase == .fetching else {
            entries[digest] = entry
            return [.dropFile(digest, attempt: attempt)] + forgetIfWithdrawn(digest)
        }
        (entry.phase, entry.stage) = (.verified, .verified)
        entries[digest] = entry
        return admitWaiting()
    }

    /// A loader returned, and the model is warm.
    mutating func loaded(_ digest: String, attempt: UInt64, atMs: Double) -> [Action] {
        let now = timeline.advance(to: atMs)
        guard var entry = entries[digest], entry.attempt == attempt, entry.isOut else {
            return [.unload(digest, attempt: attempt)]
        }
        entry.isOut = false
        guard entry.phase == .warming else {
            entry.holdsBytes = false
            leaving[attempt] = entry.bytes
            entries[digest] = entry
            return [.unload(digest, attempt: attempt)] + forgetIfWithdrawn(digest)
        }
        (entry.phase, entry.failures, entry.failure) = (.ready, 0, nil)
        entry.costMs = max(1, now - entry.startedMs)
        entries[digest] = entry
        touch(digest)
        return [.announce(digest)]
    }

    /// A source or a loader threw.
    mutating func failed(
        _ digest: String, attempt: UInt64, _ failure: LifecycleFailure, atMs: Double
    ) -> [Action] {
        let now = timeline.advance(to: atMs)
        guard var entry = entries[digest], entry.attempt == attempt, entry.isOut else { return [] }
        entry.isOut = false
        release(&entry)
        guard entry.phase == .fetching || entry.phase == .warming else {
            entries[digest] = entry
            return forgetIfWithdrawn(digest) + admitWaiting()
        }
        let actions = fail(digest, &entry, failure, now)
        entries[digest] = entry
        return actions + admitWaiting()
    }

    /// A deadline passed.
    ///
    /// - Parameter stage: what it was a deadline of: `fetching` or `warming`.
    mutating func expired(
        _ digest: String, attempt: UInt64, stage: VariantPhase, atMs: Double
    ) -> [Action] {
        let now = timeline.advance(to: atMs)
        guard var entry = entries[digest], entry.attempt == attempt else { return [] }
        defer { entries[digest] = entry }
        switch (stage, entry.phase) {
        case (.fetching, .fetching), (.warming, .warming):
            // What is out stays out and counted: a loader that hangs still has its memory.
            return fail(digest, &entry, .timedOut, now)
        case (.fetching, .verified):
            return [.dropFile(digest, attempt: attempt)] + fail(digest, &entry, .noRoom, now)
        case (entry.stage, .failed) where entry.isOut && entry.failure == .withdrawn:
            // It hangs as well, and is not to be taken up again.
            entry.phase = stage
            _ = fail(digest, &entry, .timedOut, now)
            return []
        default: return []
        }
    }

    /// A variant is not to be served any more; who uses it keeps it.
    mutating func retire(_ digest: String, atMs: Double) -> [Action] {
        let now = timeline.advance(to: atMs)
        guard var entry = entries[digest] else { return [] }
        switch entry.phase {
        case .ready, .retiring:
            guard entry.users > 0 else { return leave(digest, entry) }
            entry.phase = .retiring
            entries[digest] = entry
            return []
        case .fetching, .warming:
            (entry.stage, entry.phase) = (entry.phase, .failed)
            (entry.failure, entry.retryAtMs) = (.withdrawn, now)
            entries[digest] = entry
            return [.giveUp(digest, .withdrawn)]
        case .verified:
            entries[digest] = nil
            return [
                .dropFile(digest, attempt: entry.attempt), .giveUp(digest, .withdrawn),
            ]
        case .failed where entry.isOut:
            // It hangs; remembered until it is back, so that no second one goes out.
            return []
        case .known, .failed:
            entries[digest] = nil
            return []
        }
    }

    /// A model was unloaded.
    mutating func unloaded(attempt: UInt64) -> [Action] {
        if let bytes = leaving.removeValue(forKey: attempt) { heldBytes -= bytes }
        return admitWaiting()
    }

    // MARK: Users

    /// Takes a ready variant into use; false if it is not ready.
    mutating func acquire(_ digest: String) -> Bool {
        guard entries[digest]?.phase == .ready else { return false }
        entries[digest]?.users += 1
        touch(digest)
        return true
    }

    /// Gives back what was acquired.
    mutating func release(_ digest: String) -> [Action] {
        guard var entry = entries[digest], entry.users > 0 else { return [] }
        entry.users -= 1
        entries[digest] = entry
        if entry.phase == .retiring, entry.users == 0 { return leave(digest, entry) }
        return admitWaiting()
    }

    // MARK: Parts

    private mutating func fail(
        _ digest: String, _ entry: inout Entry, _ failure: LifecycleFailure, _ now: Double
    ) -> [Action] {
        entry.failures += 1
        (entry.stage, entry.phase, entry.failure) = (entry.phase, .failed, failure)
        entry.retryAtMs = now + backoff.delayMs(afterFailures: entry.failures)
        return [.giveUp(digest, failure)]
    }

    private mutating func release(_ entry: inout Entry) {
        if entry.holdsBytes { heldBytes -= entry.bytes }
        entry.holdsBytes = false
    }

    private mutating func forgetIfWithdrawn(_ digest: String) -> [Action] {
        if entries[digest]?.failure == .withdrawn, entries[digest]?.isOut == false {
            entries[digest] = nil
        }
        return []
    }

    /// Sends a model away that nobody uses.
    mutating func leave(_ digest: String, _ entry: Entry) -> [Action] {
        entries[digest] = nil
        leaving[entry.attempt] = entry.bytes
        return [.unload(digest, attempt: entry.attempt)]
    }
}
