import Logging
import Synchronization
import Tracing

/// What the lifecycle decides is done here: files are fetched, models loaded and unloaded.
extension RuntimeAdapter {
    typealias Effect = AdapterState<Model>.Effect

    /// Puts an event into the lifecycle, and does what it asks for.
    func change(_ event: (inout AdapterState<Model>) -> [LifecycleMachine.Action]) {
        let now = clock.nowMs()
        let effects = state.withLock { state in
            let actions = event(&state)
            return state.apply(actions, atMs: now)
        }
        perform(effects)
    }

    /// Does what could not be done under the lock.
    func perform(_ effects: [Effect]) {
        guard !effects.isEmpty else { return }
        for effect in effects {
            switch effect {
            case .resume(let continuation, let result): continuation.resume(with: result)
            case .cancel(let timer): timer.cancel()
            case .fetch(let candidate, let attempt):
                start(candidate.digest, attempt, .fetching, options.lifecycle.fetchDeadline) {
                    await self.fetch(candidate, attempt)
                }
            case .load(let file, let attempt):
                let digest = file.candidate.digest
                start(digest, attempt, .warming, options.lifecycle.loadDeadline) {
                    await self.load(file, attempt)
                }
            case .unload(let model, let attempt):
                Task {
                    await loader.unload(model)
                    change { $0.machine.unloaded(attempt: attempt) }
                }
            }
        }
        let (heldBytes, evictions, hits, misses) = state.withLock { state in
            (state.machine.heldBytes, state.machine.evictions, state.hits, state.misses)
        }
        metrics.cache(
            heldBytes: heldBytes, evictions: evictions,
            hitRate: Double(hits) / Double(max(1, hits + misses)))
    }

    /// Runs a fetch or a load, and tells the lifecycle when its time is over.
    private func start(
        _ digest: String, _ attempt: UInt64, _ stage: VariantPhase, _ deadline: Duration,
        _ body: @escaping @Sendable () async -> Void
    ) {
        let work = Task { await body() }
        let timer = Task { [self] in
            do { try await clock.sleep(deadline) } catch { return }
            // One that listens ends sooner; what does not is left to itself.
            work.cancel()
            let now = clock.nowMs()
            var failure: LifecycleFailure?
            change { state in
                let actions = state.machine.expired(
                    digest, attempt: attempt, stage: stage, atMs: now)
                if !actions.isEmpty { failure = state.machine.entries[digest]?.failure }
                return actions
            }
            if let failure {
                metrics.loaded(failure)
                logger.warning(
                    "variant took too long",
                    metadata: ["digest": "\(digest)", "failure": "\(failure.rawValue)"])
            }
        }
        let isNeeded = state.withLock { state in
            guard let entry = state.machine.entries[digest], entry.attempt == attempt,
                entry.phase == stage || stage == .fetching && entry.phase == .verified
            else { return false }
            state.timers[attempt] = timer
            return true
        }
        if !isNeeded { timer.cancel() }
    }

    private func fetch(_ candidate: CandidateDescription, _ attempt: UInt64) async {
        let start = clock.nowMs()
        let digest = candidate.digest
        do {
            let file = try await withSpan("adapter.fetch") { span in
                span.attributes["espalier.variant"] = candidate.reference
                return try await source.fetch(candidate)
            }
            guard file.candidate.fileDigest == candidate.fileDigest else {
                throw SourceError(
                    code: .damaged, place: digest, detail: "the source gave another variant's file")
            }
            metrics.fetchTook(clock.nowMs() - start)
            let now = clock.nowMs()
            change { state in
                state.files[attempt] = file
                return state.machine.fetched(digest, attempt: attempt, atMs: now)
            }
        } catch {
            let code = (error as? SourceError)?.code
            let isFalse = code == .damaged || code == .untrusted
            fail(candidate, attempt, isFalse ? .unverified : .fetch, error)
        }
    }

    private func load(_ file: VariantFile, _ attempt: UInt64) async {
        let start = clock.nowMs()
        let candidate = file.candidate
        do {
            let model = try await withSpan("adapter.load") { span in
                span.attributes["espalier.variant"] = candidate.reference
                let model = try await loader.load(file)
                do { try await loader.warmUp(model) } catch {
                    await loader.unload(model)
                    throw error
                }
                return model
            }
            let now = clock.nowMs()
            metrics.loadTook(now - start)
            metrics.loaded(nil)
            change { state in
                state.strays[attempt] = model
                if let timer = state.timers.removeValue(forKey: attempt) { timer.cancel() }
                let actions = state.machine.loaded(candidate.digest, attempt: attempt, atMs: now)
                if actions == [.announce(candidate.digest)] {
                    state.models[candidate.digest] = state.strays.removeValue(forKey: attempt)
                }
                return actions
            }
            logger.info("variant is ready", metadata: ["variant": "\(candidate.reference)"])
        } catch {
            fail(candidate, attempt, .load, error)
        }
    }

    private func fail(
        _ candidate: CandidateDescription, _ attempt: UInt64, _ failure: LifecycleFailure,
        _ error: any Error
    ) {
        logger.warning(
            "variant cannot be made ready",
            metadata: [
                "variant": "\(candidate.reference)", "failure": "\(failure.rawValue)",
                "error": "\(error)",
            ])
        metrics.loaded(failure)
        let now = clock.nowMs()
        change { state in
            if let timer = state.timers.removeValue(forKey: attempt) { timer.cancel() }
            return state.machine.failed(
                candidate.digest, attempt: attempt, failure, atMs: now)
        }
    }

    /// Hands out no more leases, and unloads what nobody uses; the rest goes with its last lease.
    public func shutDown() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return state.waiters.values.flatMap { $0 }
        }
        for waiter in waiters {
            waiter.continuation.resume(throwing: AdapterError(code: .closed, subject: ""))
        }
        let now = clock.nowMs()
        change { state in
            state.live = [:]
            for timer in state.timers.values { timer.cancel() }
            state.timers = [:]
            return state.machine.entries.keys.sorted().flatMap {
                state.machine.retire($0, atMs: now)
            }
        }
    }
}
