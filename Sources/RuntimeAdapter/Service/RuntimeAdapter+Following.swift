import Logging
import Synchronization

/// Taking new catalogues in.
extension RuntimeAdapter {
    /// Looks at the source now, and serves what it has when this returns.
    ///
    /// - Throws: what the source throws; what was served before is served on.
    public func refresh() async throws {
        do { take(.changed(try await source.refresh())) } catch {
            if let error = error as? SourceError { take(.failed(error)) }
            throw error
        }
    }

    /// Follows the source and saves what was learned until the task is cancelled.
    ///
    /// ``AdapterService`` does this in a service group.
    public func follow() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                let changes = source.changes()
                // What came between making the adapter and here.
                try? await refresh()
                for await change in changes { take(change) }
            }
            group.addTask { [self] in
                while !Task.isCancelled {
                    do { try await clock.sleep(options.saveInterval) } catch { return }
                    await save()
                }
            }
        }
    }

    /// Takes in what happened to the source.
    func take(_ change: SourceChange) {
        switch change {
        case .changed(let snapshot):
            state.withLock { $0.sourceFailure = nil }
            adopt(snapshot)
        case .recovered:
            state.withLock { $0.sourceFailure = nil }
            logger.info("source can be read again")
        case .failed(let error):
            let isNews = state.withLock { state in
                defer { state.sourceFailure = error }
                return state.sourceFailure != error
            }
            metrics.sourceFailed()
            guard isNews else { return }
            logger.error(
                "source cannot be read; what was read last is served on",
                metadata: ["error": "\(error)"])
        }
    }

    /// Serves a catalogue from now on, if it is newer than the one that is served.
    func adopt(_ snapshot: SourceSnapshot) {
        let effects = adoption.withLock { _ -> [Effect]? in
            let catalogue = snapshot.catalogue
            var accepted: [String: CandidateDescription] = [:]
            for candidate in catalogue.candidates where candidate.trust == .accepted {
                accepted[candidate.digest] = candidate
            }
            let isNew = state.withLock { state in
                guard !state.isClosed, snapshot.revision > state.revision else { return false }
                state.revision = snapshot.revision
                // What is selected a moment later must be known to be fine.
                state.live.merge(accepted) { _, new in new }
                return true
            }
            guard isNew else { return nil }
            selector.replace(catalogue)
            let now = clock.nowMs()
            return state.withLock { state in
                follow(accepted, refused: Self.refused(catalogue), in: &state, atMs: now)
            }
        }
        guard let effects else { return }
        perform(effects)
        metrics.adopted()
        logger.info(
            "catalogue taken in",
            metadata: [
                "revision": "\(snapshot.revision)",
                "candidates": "\(snapshot.catalogue.candidates.count)",
                "refusals": "\(snapshot.catalogue.refusals.count)",
            ])
    }

    private static func refused(_ catalogue: VariantCatalogue) -> Set<String> {
        Set(catalogue.candidates.filter { $0.trust == .refused }.map(\.digest))
    }

    /// Decides what becomes of everything that is loaded: it stays, serves until its successor is there, or goes.
    private func follow(
        _ accepted: [String: CandidateDescription], refused: Set<String>,
        in state: inout AdapterState<Model>, atMs now: Double
    ) -> [Effect] {
        let newest = Self.newestByLine(accepted.values)
        state.rollouts = state.rollouts.filter { _, rollout in
            !refused.contains(rollout.old) && accepted[rollout.new] != nil
        }
        state.live = accepted
        state.machine.successors = [:]
        var actions: [LifecycleMachine.Action] = []
        var wanted: [String: CandidateDescription] = [:]
        for (digest, entry) in state.machine.entries.sorted(by: { $0.key < $1.key })
        where accepted[digest] == nil {
            let isLoaded = entry.phase == .ready
            guard isLoaded, !refused.contains(digest), let old = state.candidates[digest],
                let successor = newest[old.line]
            else {
                actions += state.machine.retire(digest, atMs: now)
                continue
            }
            state.live[digest] = old
            state.machine.successors[digest] = successor.digest
            beginRollout(from: old, to: successor, in: &state)
            let rollout = state.rollouts[old.line]
            if case .rolledBack? = rollout?.stage, rollout?.new == successor.digest { continue }
            wanted[successor.digest] = successor
        }
        // A roll-out's old version is served though the catalogue does not have it.
        for rollout in state.rollouts.values where state.live[rollout.old] == nil {
            state.live[rollout.old] = state.candidates[rollout.old]
        }
        for (line, candidate) in newest where options.pinnedLines.contains(line) {
            wanted[candidate.digest] = candidate
        }
        state.machine.pinned = Set(
            state.live.values.filter { options.pinnedLines.contains($0.line) }.map(\.digest))
        var effects = state.apply(actions, atMs: now)
        for candidate in wanted.values.sorted(by: { $0.digest < $1.digest }) {
            effects += state.want(candidate, bytes: loader.bytes(of: candidate), atMs: now)
        }
        return effects
    }

    /// A newer version of a line in use comes in by the options' plan; an older one is a way back, at once.
    private func beginRollout(
        from old: CandidateDescription, to new: CandidateDescription,
        in state: inout AdapterState<Model>
    ) {
        guard let plan = options.rollout, new.version > old.version else { return }
        let running = state.rollouts[new.line]
        guard running?.new != new.digest else { return }
        state.rollouts[new.line] = Rollout(
            line: new.line, from: old.digest, to: new.digest, plan: plan)
    }

    private static func newestByLine(
        _ candidates: some Sequence<CandidateDescription>
    ) -> [String: CandidateDescription] {
        var newest: [String: CandidateDescription] = [:]
        for candidate in candidates {
            let line = candidate.line
            guard let known = newest[line] else {
                newest[line] = candidate
                continue
            }
            if (known.version, known.digest) < (candidate.version, candidate.digest) {
                newest[line] = candidate
            }
        }
        return newest
    }
}

extension CandidateDescription {
    /// The number behind `:v` of its reference; 0 if there is none.
    var version: Int {
        guard let colon = reference.lastIndex(of: ":") else { return 0 }
        let text = reference[colon...].dropFirst()
        return text.first == "v" ? Int(text.dropFirst()) ?? 0 : 0
    }
}
