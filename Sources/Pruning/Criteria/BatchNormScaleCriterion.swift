import ModelGraph

/// The magnitude of the batch-norm scale that follows a channel.
///
/// Mean over the batch normalisations of the group, each divided by its own mean. A group without (or with
/// one that has no scale) is judged by ``NormCriterion/Norm/l1``.
/// Source: Liu et al., "Learning Efficient Convolutional Networks through Network Slimming", ICCV 2017.
package struct BatchNormScaleCriterion: Criterion {
    package init() {}

    package var name: String { "batch-norm-scale" }

    package func importance(of model: PrunableModel) throws(PruningError) -> [[Double]] {
        var result: [[Double]] = []
        var without: [Int] = []
        for (number, group) in model.groups.groups.enumerated() {
            var scores = UnitScores(units: group.size)
            for member in group.weights where member.use == .follows {
                let layer = model.graph.layers[member.axis.layer]
                guard layer.className.hasSuffix("BatchNormalization"), member.axis.role == "gamma",
                    let gamma = layer.weight("gamma")?.floats()
                else { continue }
                guard gamma.allSatisfy(\.isFinite) else {
                    throw PruningError(
                        .weight, at: "\(layer.name)/gamma", "holds values that are not finite")
                }
                scores.add(
                    (0..<group.size).map { unit in
                        let indices = member.indices[unit]
                        guard !indices.isEmpty else { return nil }
                        let sum = indices.reduce(0.0) { $0 + Double(abs(gamma[Int($1)])) }
                        return sum / Double(indices.count)
                    })
            }
            if scores.isEmpty { without.append(number) }
            result.append(scores.normalized)
        }
        if !without.isEmpty {
            let norms = try NormCriterion(.l1).importance(of: model, groups: Set(without))
            for number in without { result[number] = norms[number] }
        }
        return result
    }
}
