/// The moves of the solver, with the effort that they have spent.
struct WidthSearch {
    let layout: WidthLayout
    let effort: Int
    private(set) var work = 0
    private let pressure: WidthPressure

    init(layout: WidthLayout, effort: Int) {
        self.layout = layout
        self.effort = effort
        pressure = WidthPressure(layout.problem.limits)
    }

    var isSpent: Bool { work >= effort }

    private var problem: WidthProblem { layout.problem }

    /// One group at another level, and what that is worth.
    private struct Move {
        var group: Int
        var level: Int
        var score: Double
    }

    // MARK: Down

    /// Cuts until all limits are kept.
    ///
    /// - Parameter fixed: a group that stays as it is.
    /// - Returns: whether they are kept in the end.
    mutating func descend(
        _ state: inout WidthState, _ pressure: WidthPressure, except fixed: Int? = nil
    ) -> Bool {
        let start = state.work
        defer { work += state.work - start }
        let groups = (0...problem.groups.count).filter { $0 != fixed }
        var moves = [Move?](repeating: nil, count: problem.groups.count + 1)
        var stale = groups
        var known = (lines: -1, moments: -1)
        while true {
            let values = state.values
            let excess = pressure.excess(state.reading, values)
            if excess.lines == 0 { return true }
            if known != (excess.lines, state.reading.excessMoments) {
                known = (excess.lines, state.reading.excessMoments)
                stale = groups
            }
            for group in stale {
                moves[group] = bestCut(&state, group, pressure, excess: excess.sum)
            }
            var best: Move?
            for case let move? in moves where move.score > best?.score ?? 0 { best = move }
            guard let best else { return false }
            state.apply(best.group, best.level)
            if best.group == problem.groups.count {
                stale = groups
            } else {
                // What a sparser network would save depends on all widths.
                stale = layout.neighbours[best.group] + [problem.groups.count]
                stale.removeAll { $0 == fixed }
            }
        }
    }

    /// The cut of one group that relieves the limits most for what it loses.
    private func bestCut(
        _ state: inout WidthState, _ group: Int, _ pressure: WidthPressure, excess: Double
    ) -> Move? {
        let level = state.levels[group]
        let before = state.importance
        var best: Move?
        // Long ladders are taken in strides; what that cuts too much is filled in again.
        var step = max(state.levelCount(group) / 32, 1)
        while level > 0 {
            let target = max(level - step, 0)
            let reading = state.trial(group, target)
            let left = pressure.excess(reading, reading.values(layout)).sum
            if left < excess {
                let lost = max(before - reading.importance(layout), layout.total * 1e-12)
                let score = (excess - left) / lost
                if score > best?.score ?? 0 {
                    best = Move(group: group, level: target, score: score)
                }
            }
            if target == 0 { break }
            step *= 2
        }
        return best
    }

    // MARK: Up

    /// Gives back channels, and weights, as long as all limits are kept: free ones first, then those that
    /// are worth most for what they use of the slack.
    ///
    /// What a raise is worth falls as the slack gets less. So a group is only asked again when what it
    /// was worth before is the most of all.
    mutating func fill(_ state: inout WidthState, except fixed: Int? = nil) {
        let start = state.work
        defer { work += state.work - start }
        let unknown = Move(group: 0, level: 0, score: .infinity)
        var moves = [Move?](repeating: unknown, count: problem.groups.count + 1)
        var isFresh = [Bool](repeating: false, count: moves.count)
        if let fixed { moves[fixed] = nil }
        var values = state.values
        while true {
            var best: (group: Int, score: Double)?
            for case (let group, let move?) in moves.enumerated()
            where move.score > best?.score ?? -1 {
                best = (group, move.score)
            }
            guard let best else { return }
            guard isFresh[best.group], let move = moves[best.group] else {
                moves[best.group] = bestRaise(&state, best.group, values)
                isFresh[best.group] = true
                continue
            }
            state.apply(move.group, move.level)
            values = state.values
            isFresh = [Bool](repeating: false, count: moves.count)
        }
    }

    /// The raise of one group that keeps most for what it uses of the slack.
    private func bestRaise(
        _ state: inout WidthState, _ group: Int, _ values: WidthLineValues
    ) -> Move? {
        let (level, last) = (state.levels[group], state.levelCount(group) - 1)
        let before = state.importance
        var best: Move?
        /// Whether the limits allow that level.
        func consider(_ target: Int) -> Bool {
            let reading = state.trial(group, target)
            let after = reading.values(layout)
            guard pressure.holds(after) else { return false }
            let gained = reading.importance(layout) - before
            let score = gained / max(use(from: values, to: after), 1e-9)
            if gained >= 0, score > best?.score ?? -1 {
                best = Move(group: group, level: target, score: score)
            }
            return true
        }
        guard level < last else { return nil }
        // As in the descent, long ladders are taken in strides, and single steps at the end.
        var step = max((last + 1) / 32, 1)
        while step > 1, !consider(min(level + step, last)) { step /= 2 }
        if step == 1, !consider(level + 1) {
            // Where hardware works in steps, the whole may cost less than one less.
            if level + 1 < last { _ = consider(last) }
            return best
        }
        while level + step < last {
            step *= 2
            if !consider(min(level + step, last)) { break }
        }
        return best
    }

    /// How much of the slack of all lines a change uses.
    private func use(from values: WidthLineValues, to after: WidthLineValues) -> Double {
        pressure.limits.reduce(0) { sum, item in
            let sign = item.line == .zeros ? -1.0 : 1.0
            let slack = max(sign * (item.limit - values[item.line]), abs(item.limit) * 1e-9)
            return sum + max(sign * (after[item.line] - values[item.line]), 0) / slack
        }
    }

    // MARK: Exchange

    /// Exchanges between groups as long as one keeps more importance.
    mutating func improve(_ state: inout WidthState) {
        var improved = true
        while improved, !isSpent {
            improved = false
            for group in 0...problem.groups.count {
                let stride = max(state.levelCount(group) / 32, 1)
                for step in [1, 2, 4, -1, -2, -4].map({ $0 * stride }) where !isSpent {
                    guard let other = exchanged(state, group, step) else { continue }
                    state = other
                    improved = true
                }
            }
        }
    }

    /// The state with one group changed by some levels and the others making the best of it.
    ///
    /// - Returns: nil unless that keeps more importance.
    private mutating func exchanged(_ state: WidthState, _ group: Int, _ step: Int) -> WidthState? {
        var other = state
        let level = state.levels[group] + step
        guard level >= 0, level < state.levelCount(group) else { return nil }
        other.apply(group, level)
        if step > 0, !descend(&other, pressure, except: group) { return nil }
        guard pressure.holds(other.values) else { return nil }
        fill(&other, except: group)
        fill(&other)
        let gain = other.importance - state.importance
        return gain > layout.total * 1e-9 ? other : nil
    }
}
