import Synchronization

extension RuntimeAdapter {
    /// What a context gets: the selection, and the version that the roll-out of its line gives this client.
    public func route(_ context: RequestContext) -> Route {
        let selection = select(context)
        guard let candidate = selection.candidate else {
            return Route(selection: selection, candidate: nil, arm: nil, shadow: nil)
        }
        let (rollout, old, new) = state.withLock { state in
            let rollout = state.rollouts[candidate.line]
            return (
                rollout, rollout.flatMap { state.live[$0.old] },
                rollout.flatMap { state.live[$0.new] }
            )
        }
        guard let rollout, [rollout.old, rollout.new].contains(candidate.digest) else {
            return Route(selection: selection, candidate: candidate, arm: nil, shadow: nil)
        }
        let arm = rollout.arm(for: context.client)
        let checked = CheckedContext(context)
        func usable(_ version: CandidateDescription?) -> CandidateDescription? {
            version.flatMap { Self.mayServe($0, checked) ? $0 : nil }
        }
        return Route(
            selection: selection,
            candidate: usable(arm == .new ? new : old) ?? candidate, arm: arm,
            shadow: arm == .shadow ? usable(new) : nil)
    }

    /// The rules that nothing excuses, for what the catalogue may not have any more.
    private static func mayServe(
        _ candidate: CandidateDescription, _ context: CheckedContext
    ) -> Bool {
        candidate.trust == .accepted
            && Double(candidate.peakMemoryBytes) <= context.memoryBytes
            && (!context.hasFloor || (candidate.accuracy ?? -1) >= context.accuracyFloor)
    }

    /// A loaded model for a context.
    ///
    /// The selected one if it is loaded. If not, it is on its way from now on, and another one that is
    /// loaded and may serve this context answers: the version that it supersedes, else the best of those
    /// there are. With none loaded this waits for the selected one, and should that fail for the next best.
    /// - Throws: ``AdapterError``, or `CancellationError` if the task is cancelled while it waits.
    public func lease(for context: RequestContext) async throws -> Lease<Model> {
        see(context, in: .leases)
        var route = route(context)
        // A catalogue may come in between; the next look sees the newer one.
        for _ in 0..<3 where route.candidate.map({ !isLive($0.digest) }) ?? false {
            route = self.route(context)
        }
        guard let wanted = route.candidate else {
            metrics.leased(nil)
            throw AdapterError(code: .nothingFits, subject: context.model ?? "")
        }
        if let lease = try leaseAtOnce(wanted, route, context) { return lease }
        return try await leaseLater(wanted, route, context)
    }

    private func isLive(_ digest: String) -> Bool { state.withLock { $0.live[digest] != nil } }

    /// The wanted model or a substitute, if one is loaded; nil otherwise, and the wanted one is on its way.
    private func leaseAtOnce(
        _ wanted: CandidateDescription, _ route: Route, _ context: RequestContext
    ) throws(AdapterError) -> Lease<Model>? {
        let bytes = loader.bytes(of: wanted)
        let first = state.withLock { state in
            guard !state.isClosed else { return First.closed }
            if let model = state.acquire(wanted.digest) {
                state.hits += 1
                return .model(model)
            }
            state.misses += 1
            let isLive = state.live[wanted.digest] != nil
            return .wanted(
                isLive ? state.want(wanted, bytes: bytes, atMs: clock.nowMs()) : [],
                ready: state.machine.entries.filter { $0.value.phase == .ready }.map(\.key))
        }
        switch first {
        case .closed: throw AdapterError(code: .closed, subject: wanted.digest)
        case .model(let model): return lease(model, of: wanted, .ready, route)
        case .wanted(let effects, let ready):
            perform(effects)
            for candidate in substitutes(for: wanted, among: ready, context) {
                if let model = state.withLock({ $0.acquire(candidate.digest) }) {
                    return lease(model, of: candidate, .substitute, route)
                }
            }
            return nil
        }
    }

    private enum First: Sendable {
        case closed
        case model(Model)
        case wanted([AdapterState<Model>.Effect], ready: [String])
    }

    /// What is loaded and may serve a context: versions of the wanted one's line, then the best first.
    private func substitutes(
        for wanted: CandidateDescription, among ready: [String], _ context: RequestContext
    ) -> [CandidateDescription] {
        let checked = CheckedContext(context)
        let (known, barred) = state.withLock { ($0.candidates, barredDigests(in: $0)) }
        let others = ready.compactMap { known[$0] }.filter {
            $0.model == wanted.model && $0.digest != wanted.digest && !barred.contains($0.digest)
        }
        let line = wanted.line
        let relatives = others.filter { $0.line == line && Self.mayServe($0, checked) }
            .sorted { ($0.version, $0.digest) > ($1.version, $1.digest) }
        let strangers = others.filter { $0.line != line }
        let assessed = strangers.compactMap { selector.assess($0.digest, in: context) }
        // What is superseded is in no catalogue, so that its times are not known here.
        let present = Set(assessed.map(\.candidate.digest))
        let superseded = strangers.filter {
            !present.contains($0.digest) && Self.mayServe($0, checked)
        }.sorted { ($0.accuracy ?? -1, $0.digest) > ($1.accuracy ?? -1, $1.digest) }
        let best = assessed.filter(\.mayServe).sorted(by: Assessment.isBetter)
        return relatives + best.map(\.candidate) + superseded
    }

    /// New versions that were rolled back.
    private func barredDigests(in state: AdapterState<Model>) -> Set<String> {
        Set(
            state.rollouts.values.compactMap {
                if case .rolledBack = $0.stage { $0.new } else { nil }
            })
    }

    /// Waits for the wanted one, and for others as long as those before failed.
    private func leaseLater(
        _ wanted: CandidateDescription, _ route: Route, _ context: RequestContext
    ) async throws -> Lease<Model> {
        var tried: Set<String> = []
        var next: CandidateDescription? = wanted
        var failure = LifecycleFailure.withdrawn
        while let candidate = next, tried.count < 4 {
            tried.insert(candidate.digest)
            do {
                let model = try await ready(candidate)
                let isWanted = candidate.digest == wanted.digest
                return lease(model, of: candidate, isWanted ? .loaded : .alternative, route)
            } catch let error as LifecycleFailure {
                failure = error
            } catch {
                metrics.leased(nil)
                throw error
            }
            next = alternative(context, without: tried)
        }
        metrics.leased(nil)
        throw AdapterError(code: .notLoaded(failure), subject: wanted.digest)
    }

    /// The best of the others that may serve a context, those first that are loaded or stay loaded.
    private func alternative(
        _ context: RequestContext, without tried: Set<String>
    ) -> CandidateDescription? {
        let (ready, barred, live) = state.withLock { state in
            (
                Set(state.machine.entries.filter { $0.value.phase == .ready }.keys),
                barredDigests(in: state), Set(state.live.keys)
            )
        }
        let others = selector.explain(context).assessments.filter {
            let digest = $0.candidate.digest
            return $0.mayServe && live.contains(digest) && !tried.contains(digest)
                && !barred.contains(digest)
        }
        return
            (others.filter { ready.contains($0.candidate.digest) }.min(by: Assessment.isBetter)
            ?? others.filter { options.pinnedLines.contains($0.candidate.line) }
            .min(by: Assessment.isBetter)
            ?? others.min(by: Assessment.isBetter))?.candidate
    }

    /// Waits until a variant is ready, and takes it into use.
    ///
    /// - Throws: ``LifecycleFailure``, ``AdapterError`` with `closed`, `CancellationError`.
    func ready(_ candidate: CandidateDescription) async throws -> Model {
        let bytes = loader.bytes(of: candidate)
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let effects: [AdapterState<Model>.Effect] = state.withLock { state in
                    let digest = candidate.digest
                    if Task.isCancelled {
                        return [.resume(continuation, .failure(CancellationError()))]
                    }
                    if state.isClosed {
                        let error = AdapterError(code: .closed, subject: digest)
                        return [.resume(continuation, .failure(error))]
                    }
                    if let model = state.acquire(digest) {
                        return [.resume(continuation, .success(model))]
                    }
                    guard state.live[digest] != nil else {
                        let error = LifecycleFailure.withdrawn
                        return [.resume(continuation, .failure(error))]
                    }
                    state.waiters[digest, default: []].append(
                        AdapterState<Model>.Waiter(id: id, continuation: continuation))
                    return state.want(candidate, bytes: bytes, atMs: clock.nowMs())
                }
                perform(effects)
            }
        } onCancel: {
            stopWaiting(id, for: candidate.digest)
        }
    }

    private func stopWaiting(_ id: UInt64, for digest: String) {
        let waiter = state.withLock { state in
            let place = state.waiters[digest]?.firstIndex { $0.id == id }
            return place.flatMap { state.waiters[digest]?.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    private func lease(
        _ model: Model, of candidate: CandidateDescription, _ origin: Lease<Model>.Origin,
        _ route: Route
    ) -> Lease<Model> {
        metrics.leased(origin.rawValue)
        return Lease(model: model, candidate: candidate, origin: origin, route: route) { [self] in
            change { state in state.machine.release(candidate.digest) }
        }
    }
}

extension Assessment {
    /// Whether nothing but time speaks against it.
    var mayServe: Bool {
        rejections.allSatisfy {
            switch $0 {
            case .inference, .inferenceUnknown, .load, .loadUnknown: true
            case .untrusted, .memory, .accuracy, .accuracyUnknown: false
            }
        }
    }

    /// What fits before what does not; of those the most accurate, of these the least strained.
    static func isBetter(_ one: Assessment, _ two: Assessment) -> Bool {
        if one.fits != two.fits { return one.fits }
        if one.fits {
            let accuracies = (one.candidate.accuracy ?? -1, two.candidate.accuracy ?? -1)
            if accuracies.0 != accuracies.1 { return accuracies.0 > accuracies.1 }
        }
        if one.strain != two.strain { return one.strain < two.strain }
        return one.candidate.reference < two.candidate.reference
    }
}
