import ModelGraph

extension PruningPlan {
    /// Checks that the plan can be carried out on that model.
    ///
    /// Kernels are checked when their turn comes.
    ///
    /// - Throws: ``PruningError`` naming the model or the channel group that does not fit.
    package func validate(for model: PrunableModel) throws(PruningError) {
        let found = ModelFingerprint(of: model.graph)
        guard fingerprint == found else {
            throw PruningError(
                .model, at: model.graph.name,
                "the plan was made for '\(self.model)' (\(fingerprint)), and this is another (\(found))"
            )
        }
        var seen: Set<String> = []
        for plan in groups {
            guard let group = model.groups[plan.group] else {
                throw PruningError(.group, at: plan.group, "the model has no such group")
            }
            guard seen.insert(plan.group).inserted else {
                throw PruningError(.group, at: plan.group, "stands in the plan twice")
            }
            try plan.validate(for: group)
        }
    }
}

extension GroupPlan {
    fileprivate func validate(for group: ChannelGroup) throws(PruningError) {
        guard size == group.size else {
            throw PruningError(
                .group, at: group.name, "has \(group.size) units, the plan says \(size)")
        }
        guard zip(kept, kept.dropFirst()).allSatisfy(<), kept.first ?? 0 >= 0,
            kept.last ?? 0 < size
        else {
            throw PruningError(
                .group, at: group.name, "the kept units must be ascending and less than \(size)")
        }
        guard kept.count >= min(max(group.minimum, 1), group.size) else {
            throw PruningError(
                .group, at: group.name,
                "keeps \(kept.count) units, at least \(max(group.minimum, 1)) must stay")
        }
        let stays = Set(kept)
        for (unit, protection) in group.protections.sorted(by: { $0.key < $1.key })
        where !stays.contains(unit) {
            throw PruningError(
                .group, at: group.name, "unit \(unit) must stay because \(protection)")
        }
    }
}
