/// Chooses the widths of all groups, and the sparsity, that keep the most importance within all limits.
///
/// Several descents from the untouched network, each with another weighting of the limits, take the
/// cut that relieves most for what it loses; a climb from the smallest network does the opposite.
/// What slack is left is filled, and exchanges between groups improve the best of the results until
/// none is found or the effort is spent. Cuts look several steps ahead, because hardware rewards
/// only whole steps. All costs are evaluated jointly and incrementally.
///
/// The result is the same on every run. It is not proven optimal: tests hold it to within 2 % of
/// what enumeration finds.
package struct WidthSolver {
    /// Evaluations of calls and weights after which the search ends.
    package var effort: Int

    let layout: WidthLayout

    package init(_ problem: WidthProblem, effort: Int = 600_000) {
        self.effort = effort
        layout = WidthLayout(problem)
    }

    private var problem: WidthProblem { layout.problem }

    package func solve() -> WidthSolution {
        let untouched = WidthState(layout, levels: problem.fullLevels)
        let pressure = WidthPressure(problem.limits)
        if pressure.holds(untouched.values) {
            return solution(untouched, work: untouched.work)
        }

        var search = WidthSearch(layout: layout, effort: effort)
        var found: [WidthState] = []
        for weights in weightings(of: untouched) where found.isEmpty || search.work < effort / 3 {
            var state = untouched
            let pressure = WidthPressure(problem.limits, weights: weights)
            if search.descend(&state, pressure) {
                search.fill(&state)
                found.append(state)
            }
        }
        var climber = WidthState(layout, levels: problem.smallestLevels)
        if pressure.holds(climber.values) {
            search.fill(&climber)
            found.append(climber)
        }
        guard !found.isEmpty else { return nearest(&search) }

        found.sort { $0.importance > $1.importance }
        var best = found[0]
        for index in 0..<min(found.count, 2) where index == 0 || !search.isSpent {
            var state = found[index]
            search.improve(&state)
            if state.importance > best.importance { best = state }
        }
        return solution(best, work: search.work)
    }

    /// How much the limits may matter: in balance, and each one more than the others.
    private func weightings(of state: WidthState) -> [[WidthLine: Double]] {
        let values = state.values
        var balance: [WidthLine: Double] = [:]
        for (line, limit) in problem.limits {
            let excess = WidthPressure.excess(line, value: values[line], limit: limit)
            balance[line] = excess > 0 ? 1 / excess : 1
        }
        let over = balance.keys.sorted().filter {
            WidthPressure.excess($0, value: values[$0], limit: problem.limits[$0] ?? 0) > 0
        }
        var weightings = [balance]
        guard over.count > 1 else { return weightings }
        for line in over {
            weightings.append(balance)
            weightings[weightings.count - 1][line, default: 1] *= 10
        }
        return weightings
    }

    /// The network nearest to the limits when they cannot be kept: as small as it must be in the lines
    /// that are beyond reach, and keeping what it can apart from that.
    private func nearest(_ search: inout WidthSearch) -> WidthSolution {
        let smallest = WidthState(layout, levels: problem.smallestLevels)
        let values = smallest.values
        var relaxed = problem
        var beyond: [(line: WidthLine, excess: Double)] = []
        for (line, limit) in problem.limits.sorted(by: { $0.key < $1.key }) {
            let excess = WidthPressure.excess(line, value: values[line], limit: limit)
            guard excess > 0 else { continue }
            beyond.append((line, excess))
            relaxed.limits[line] = values[line]
        }
        var state = WidthState(WidthLayout(relaxed), levels: problem.smallestLevels)
        var filler = WidthSearch(layout: state.layout, effort: effort)
        filler.fill(&state)
        return solution(state, work: search.work + filler.work)
    }

    private func solution(_ state: WidthState, work: Int) -> WidthSolution {
        // Once more from scratch: no error of many small differences stays in the numbers.
        let fresh = WidthState(layout, levels: state.levels)
        let values = fresh.reading.values(layout, all: true)
        let violated = problem.limits
            .map { (line: $0, excess: WidthPressure.excess($0, value: values[$0], limit: $1)) }
            .filter { $0.excess > WidthPressure.tolerance }
            .sorted { ($1.excess, $0.line) < ($0.excess, $1.line) }
        return WidthSolution(
            widths: fresh.widths,
            sparsity: problem.sparsity.levels[fresh.reading.sparsity].share, values: values,
            importanceKept: layout.total > 0 ? fresh.importance / layout.total : 1,
            violated: violated.map(\.line), work: work)
    }
}
