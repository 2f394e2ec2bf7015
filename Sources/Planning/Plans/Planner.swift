package import Contexts
import ModelGraph
import Pruning

/// Turns profiles into plans for one model.
///
/// All that does not depend on the profile was done before, by the analysis and the importance; so
/// further profiles are cheap.
package struct Planner: Sendable {
    package let analysis: ModelAnalysis
    package let importance: GroupImportance
    /// How far the solver goes; see ``WidthSolver/effort``.
    package var effort = 600_000

    package init(_ analysis: ModelAnalysis, importance: GroupImportance) {
        self.analysis = analysis
        self.importance = importance
    }

    /// Finds the plan that keeps the most importance within a profile's budget.
    ///
    /// - Parameters:
    ///   - costModel: for the profile's device and network.
    ///   - file: what the written file will weigh.
    ///   - corrections: from variants of the same profile that were weighed before.
    ///   - checksAccuracy: whether the caller will check `max-accuracy-drop` itself.
    /// - Throws: ``PlanningError`` for a line that cannot be planned for.
    package func plan(
        _ profile: Profile, costModel: CostModel, file: FileSizeModel,
        corrections: PlanCorrections = PlanCorrections(), checksAccuracy: Bool = false
    ) throws(PlanningError) -> PlanningResult {
        let task = try PlanningTask(
            analysis, importance, profile, costModel, file, corrections, checksAccuracy)
        let solution = WidthSolver(task.problem, effort: effort).solve()
        let plan = task.plan(solution)
        guard let worst = solution.violated.first else { return .plan(plan) }
        let line = plan.lines.first { $0.key == worst.key }
        return .infeasible(
            Infeasibility(
                binding: worst.key, excess: line.map(PlanRefiner.excess) ?? 0, nearest: plan))
    }
}

extension WidthLine {
    /// The line of a budget that sets this limit.
    var key: Budget.Key {
        switch self {
        case .inference: .inferenceMs
        case .load: .loadMs
        case .file: .fileKiB
        case .memory: .peakMemoryMiB
        case .multiplyAdds: .macFraction
        case .parameters: .parameterFraction
        case .zeros: .weightSparsity
        }
    }
}
