/// What an adapter keeps beside its selector, all under one lock that is never held over I/O.
struct AdapterState<Model: Sendable> {
    /// Somebody who waits for a variant.
    struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Model, any Error>
    }

    var machine: LifecycleMachine
    /// Loaded models, by digest: those that are ready, and those that retire.
    var models: [String: Model] = [:]
    /// Models that came from an attempt and are not in service: late ones, and those being sent away.
    var strays: [UInt64: Model] = [:]
    /// Verified files that wait for room.
    var files: [UInt64: VariantFile] = [:]
    /// What was asked for, by digest.
    var candidates: [String: CandidateDescription] = [:]
    /// What may be asked for: accepted by the newest catalogue, or kept by a roll-out or until it is superseded.
    var live: [String: CandidateDescription] = [:]
    var rollouts: [String: Rollout] = [:]
    var waiters: [String: [Waiter]] = [:]
    /// What limits each attempt's time.
    var timers: [UInt64: Task<Void, Never>] = [:]
    var revision: UInt64 = 0
    var lastWaiter: UInt64 = 0
    var hits = 0
    var misses = 0
    var sourceFailure: SourceError?
    var isClosed = false

    init(options: LifecycleOptions) { machine = LifecycleMachine(options: options) }

    /// What is to be done once the lock is let go.
    enum Effect: Sendable {
        case fetch(CandidateDescription, attempt: UInt64)
        case load(VariantFile, attempt: UInt64)
        case unload(Model, attempt: UInt64)
        case resume(CheckedContinuation<Model, any Error>, Result<Model, any Error>)
        case cancel(Task<Void, Never>)
    }

    /// Does what of the machine's actions is done here, and returns the rest.
    mutating func apply(_ actions: [LifecycleMachine.Action], atMs: Double) -> [Effect] {
        var effects: [Effect] = []
        var open = actions[...]
        while let action = open.popFirst() {
            switch action {
            case .fetch(let digest, let attempt):
                if let candidate = candidates[digest] {
                    effects.append(.fetch(candidate, attempt: attempt))
                } else {
                    open += machine.failed(digest, attempt: attempt, .fetch, atMs: atMs)
                }
            case .load(let digest, let attempt):
                if let timer = timers.removeValue(forKey: attempt) {
                    effects.append(.cancel(timer))
                }
                if let file = files.removeValue(forKey: attempt) {
                    effects.append(.load(file, attempt: attempt))
                } else {
                    open += machine.failed(digest, attempt: attempt, .fetch, atMs: atMs)
                }
            case .unload(let digest, let attempt):
                if let model = strays.removeValue(forKey: attempt)
                    ?? models.removeValue(forKey: digest)
                {
                    effects.append(.unload(model, attempt: attempt))
                } else {
                    open += machine.unloaded(attempt: attempt)
                }
            case .announce(let digest):
                effects += announce(digest)
                for (old, new) in machine.successors
                where new == digest && !isHeldByRollout(old) {
                    machine.successors[old] = nil
                    live[old] = nil
                    open += machine.retire(old, atMs: atMs)
                }
            case .giveUp(let digest, let failure):
                for waiter in waiters.removeValue(forKey: digest) ?? [] {
                    effects.append(.resume(waiter.continuation, .failure(failure)))
                }
            case .dropFile(_, let attempt):
                files[attempt] = nil
                if let timer = timers.removeValue(forKey: attempt) {
                    effects.append(.cancel(timer))
                }
            }
        }
        forget()
        return effects
    }

    /// Hands a ready model to everybody who waits for it, each of whom uses it from now on.
    private mutating func announce(_ digest: String) -> [Effect] {
        guard let model = models[digest] else { return [] }
        return (waiters.removeValue(forKey: digest) ?? []).compactMap { waiter in
            guard machine.acquire(digest) else { return nil }
            return .resume(waiter.continuation, .success(model))
        }
    }

    /// Whether a roll-out needs a version that the catalogue does not have.
    func isHeldByRollout(_ digest: String) -> Bool {
        rollouts.values.contains { $0.old == digest && $0.stage != .promoted }
    }

    /// Drops descriptions that nothing refers to.
    private mutating func forget() {
        guard candidates.count > 2 * machine.entries.count + 64 else { return }
        candidates = candidates.filter { machine.entries[$0.key] != nil || live[$0.key] != nil }
    }

    /// Takes a model into use if it is ready.
    mutating func acquire(_ digest: String) -> Model? {
        guard let model = models[digest], machine.acquire(digest) else { return nil }
        return model
    }

    /// Asks for a variant.
    mutating func want(
        _ candidate: CandidateDescription, bytes: Int, atMs: Double
    ) -> [Effect] {
        candidates[candidate.digest] = candidate
        return apply(machine.want(candidate.digest, bytes: bytes, atMs: atMs), atMs: atMs)
    }
}
