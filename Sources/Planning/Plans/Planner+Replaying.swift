package import Contexts
package import Pruning

extension Planner {
    /// A plan that was made before, with what it costs now still unknown: the base's costs stand in
    /// until its variant is realised.
    ///
    /// - Throws: ``PruningError`` if the plan was made for another model.
    package func replaying(
        _ pruning: PruningPlan, for profile: Profile, costModel: CostModel
    ) throws(PruningError) -> Plan {
        try pruning.validate(for: analysis.model)
        let base = costModel.costs(of: analysis.base)
        var (worth, weights) = (0.0, 0.0)
        let changes = analysis.model.groups.groups.enumerated().map { index, group in
            let units = pruning.groups.first { $0.group == group.name }?.kept
            let scores = importance.scores.indices.contains(index) ? importance.scores[index] : []
            let all = scores.reduce(0, +)
            let stays =
                units?.reduce(0) { $0 + (scores.indices.contains($1) ? scores[$1] : 0) } ?? all
            let weight = GroupImportance.weight(of: group)
            weights += weight
            worth += weight * GroupImportance.worth(ofShare: all > 0 ? stays / all : 1)
            return GroupChange(
                name: group.name, before: group.size, after: units?.count ?? group.size,
                channelsPerUnit: group.channelsPerUnit,
                importanceKept: all > 0 ? stays / all : 1,
                reasons: GroupChange.ProtectedUnits.all(of: group),
                fewest: group.fewest)
        }
        return Plan(
            profile: profile.name, pruning: pruning, groups: changes, weightSparsity: 0,
            importanceKept: GroupImportance.share(
                ofWorth: weights > 0 ? worth / weights : 1),
            base: base, costs: base,
            lines: profile.limits.check(base, base: base))
    }
}
