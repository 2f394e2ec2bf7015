import Contexts
import ModelGraph
import Pruning

@testable import Planning

/// The best of all plans of a small network, each held to its budget by the problem's own words.
struct PlanEnumeration {
    let problem: WidthProblem

    init(
        analysis: ModelAnalysis, importance: GroupImportance, profile: Profile,
        costModel: CostModel
    ) throws {
        problem = try PlanningTask(
            analysis, importance, profile, costModel,
            FileSizeModel(overheadBytes: 30_000, compression: .deflate), PlanCorrections(), false
        ).problem
    }

    /// The largest share of the importance that can be kept; nil if no plan fits.
    func best() -> Double? {
        let total = problem.groups.reduce(0) { $0 + ($1.kept.last ?? 0) }
        return Enumeration.best(of: problem).map { GroupImportance.share(ofWorth: $0 / total) }
    }
}
