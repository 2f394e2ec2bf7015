import Logging
import Synchronization

/// Roll-outs by hand, and what observations make of them.
extension RuntimeAdapter {
    /// Brings a version of a line into service beside another one.
    ///
    /// Both must be in the catalogue, or loaded. Takes the place of the line's roll-out.
    /// - Throws: ``AdapterError`` with `unknownVariant`.
    public func startRollout(
        from old: String, to new: String, plan: RolloutPlan = RolloutPlan()
    ) throws(AdapterError) {
        let unknown = state.withLock { state -> String? in
            guard state.live[old] != nil else { return old }
            guard let candidate = state.live[new], state.live[old]?.line == candidate.line else {
                return new
            }
            state.rollouts[candidate.line] = Rollout(
                line: candidate.line, from: old, to: new, plan: plan)
            return nil
        }
        if let unknown { throw AdapterError(code: .unknownVariant, subject: unknown) }
    }

    /// Gives the new version of a line to everybody.
    ///
    /// - Throws: ``AdapterError`` with `noRollout`.
    public func promote(line: String) throws(AdapterError) {
        try edit(line) { $0.promote() }
    }

    /// Gives the old version of a line to everybody; stays so until the catalogue has another one.
    ///
    /// - Throws: ``AdapterError`` with `noRollout`.
    public func rollBack(line: String) throws(AdapterError) {
        try edit(line) { $0.rollBack() }
    }

    /// Gives the new version of a line to another share of the clients.
    ///
    /// - Throws: ``AdapterError`` with `noRollout`.
    public func widen(line: String, to share: Double) throws(AdapterError) {
        try edit(line) { $0.widen(to: share) }
    }

    private func edit(
        _ line: String, _ body: (inout Rollout) -> Void
    ) throws(AdapterError) {
        var found: Rollout?
        var isNews = false
        change { state in
            guard var rollout = state.rollouts[line] else { return [] }
            let before = rollout.stage
            body(&rollout)
            isNews = rollout.stage != before
            found = rollout
            state.rollouts[line] = rollout
            return isNews ? settle(rollout, in: &state) : []
        }
        guard let found else { throw AdapterError(code: .noRollout, subject: line) }
        if isNews { tell(found) }
    }

    /// Sends the version away that lost.
    private func settle(
        _ rollout: Rollout, in state: inout AdapterState<Model>
    ) -> [LifecycleMachine.Action] {
        let now = clock.nowMs()
        switch rollout.stage {
        case .running: return []
        case .rolledBack: return state.machine.retire(rollout.new, atMs: now)
        case .promoted:
            // What the catalogue has may be selected again; the other one serves until this one is ready.
            guard state.machine.successors[rollout.old] != nil,
                state.machine.phase(of: rollout.new) == .ready
            else { return [] }
            state.machine.successors[rollout.old] = nil
            state.live[rollout.old] = nil
            return state.machine.retire(rollout.old, atMs: now)
        }
    }

    /// Says where a roll-out came to; not under the lock, as a log may wait for a disk.
    private func tell(_ rollout: Rollout) {
        switch rollout.stage {
        case .running: break
        case .rolledBack(let cause):
            metrics.rolledBack(cause)
            logger.error(
                "new version rolled back",
                metadata: ["line": "\(rollout.line)", "cause": "\(cause.rawValue)"])
        case .promoted:
            logger.info("new version promoted", metadata: ["line": "\(rollout.line)"])
        }
    }

    /// Shows a report to the roll-out whose new version it is about.
    func watchRollouts(_ report: PerformanceReport, failed: Bool) {
        let isWatched = state.withLock { state in
            state.rollouts.values.contains { $0.stage == .running }
        }
        guard isWatched else { return }
        var decided: Rollout?
        change { state in
            for (line, rollout) in state.rollouts where rollout.stage == .running {
                guard let new = state.live[rollout.new],
                    report.digest == new.digest || report.digest == new.fileDigest
                else { continue }
                var rollout = rollout
                let stage = rollout.record(
                    latencyMs: report.inferenceMs, failed: failed, client: report.client)
                state.rollouts[line] = rollout
                guard stage != nil else { return [] }
                decided = rollout
                return settle(rollout, in: &state)
            }
            return []
        }
        if let decided { tell(decided) }
    }
}
