/// Room for loaded variants.
///
/// The order of eviction is GreedyDual-Size-Frequency (Cherkasova 1998): a variant is worth how often it was
/// used, times the milliseconds that it takes to bring it back, by byte, on top of what the last evicted one
/// was worth. Variants of a family differ in size and load time by orders of magnitude, which LRU does
/// not see; the rising floor lets what was popular once go, which LFU does not.
extension LifecycleMachine {
    /// Brings a variant's worth up to date as it is used.
    mutating func touch(_ digest: String) {
        guard var entry = entries[digest] else { return }
        entry.frequency += 1
        entry.priority = inflation + entry.frequency * entry.costMs / Double(max(1, entry.bytes))
        entries[digest] = entry
    }

    /// Loads what is verified and finds room, those first that were wanted first.
    mutating func admitWaiting() -> [Action] {
        var actions: [Action] = []
        let waiting = entries.filter { $0.value.phase == .verified }
            .sorted { $0.value.attempt < $1.value.attempt }
        for (digest, entry) in waiting {
            actions += makeRoom(for: digest, entry.bytes)
            let fits = heldBytes + entry.bytes <= options.budgetBytes
            guard fits || pinned.contains(digest) else { continue }
            var entry = entry
            (entry.phase, entry.stage) = (.warming, .warming)
            (entry.isOut, entry.holdsBytes) = (true, true)
            heldBytes += entry.bytes
            entries[digest] = entry
            actions.append(.load(digest, attempt: entry.attempt))
        }
        return actions
    }

    /// Sends idle variants away until the bytes fit once those are unloaded; none if that cannot be reached.
    ///
    /// What the variant itself takes the place of stays: should loading fail, it goes on serving.
    private mutating func makeRoom(for newcomer: String, _ bytes: Int) -> [Action] {
        var missing = heldBytes - leaving.values.reduce(0, +) + bytes - options.budgetBytes
        guard missing > 0 else { return [] }
        let idle = entries.filter { digest, entry in
            entry.phase == .ready && entry.users == 0 && !pinned.contains(digest)
                && successors[digest] != newcomer
        }.sorted { one, two in
            let serves = (successors[one.key] != nil, successors[two.key] != nil)
            if serves.0 != serves.1 { return serves.1 }
            return (one.value.priority, one.key) < (two.value.priority, two.key)
        }
        guard idle.reduce(0, { $0 + $1.value.bytes }) >= missing else { return [] }
        var actions: [Action] = []
        for (digest, entry) in idle where missing > 0 {
            missing -= entry.bytes
            inflation = max(inflation, entry.priority)
            evictions += 1
            actions += leave(digest, entry)
        }
        return actions
    }

    /// What does not hold of the invariants, for tests; empty always.
    var violations: [String] {
        var violations: [String] = []
        let held = entries.values.filter(\.holdsBytes).reduce(0) { $0 + $1.bytes }
        let leaving = leaving.values.reduce(0, +)
        if held + leaving != heldBytes { violations.append("\(heldBytes) bytes held, not \(held)") }
        let counted = entries.filter { !pinned.contains($0.key) && $0.value.holdsBytes }
            .reduce(0) { $0 + $1.value.bytes }
        if counted > options.budgetBytes || pinned.isEmpty && heldBytes > options.budgetBytes {
            violations.append("over the budget")
        }
        for (digest, entry) in entries {
            let isLoaded = [.warming, .ready, .retiring].contains(entry.phase)
            if isLoaded, !entry.holdsBytes { violations.append("\(digest) is not counted") }
            if entry.users > 0, entry.phase != .ready, entry.phase != .retiring {
                violations.append("\(digest) is used while \(entry.phase)")
            }
            if entry.phase == .retiring, entry.users == 0 {
                violations.append("\(digest) retires for nobody")
            }
            if entry.isOut, ![.fetching, .warming, .failed].contains(entry.phase) {
                violations.append("\(digest) is out while \(entry.phase)")
            }
        }
        return violations
    }
}
