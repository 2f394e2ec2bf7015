import ModelGraph

/// The norm of the slices that make a channel and of those that read it.
///
/// Members are all kernels of the group, producing, reading and depthwise ones; biases and normalisations are left out. Each member's norms
/// are divided by their mean, and a unit's importance is the mean over the members.
/// Source: Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017; over groups as in Fang et al.,
/// "DepGraph", CVPR 2023.
package struct NormCriterion: Criterion {
    package enum Norm: String, Hashable, Sendable {
        case l1, l2
    }

    package var norm: Norm

    package init(_ norm: Norm) { self.norm = norm }

    package var name: String { norm.rawValue }

    package func importance(of model: PrunableModel) throws(PruningError) -> [[Double]] {
        try importance(of: model, groups: nil)
    }

    /// The importance of some groups only; empty for the others.
    func importance(
        of model: PrunableModel, groups chosen: Set<Int>?
    ) throws(PruningError) -> [[Double]] {
        var axes: [Int: [String: Set<Int>]] = [:]
        let groups = model.groups.groups
        for (number, group) in groups.enumerated() where chosen?.contains(number) ?? true {
            for member in group.weights where Kernel.isKernel(member.axis.role) {
                axes[member.axis.layer, default: [:]][member.axis.role, default: []]
                    .insert(member.axis.axis)
            }
        }
        let sums = try SlicePowerSums(of: model.graph, axes: axes, squared: norm == .l2)
        return groups.enumerated().map { number, group in
            guard chosen?.contains(number) ?? true else { return [] }
            var scores = UnitScores(units: group.size)
            for member in group.weights {
                guard let slices = sums[member.axis] else { continue }
                scores.add(
                    (0..<group.size).map { unit in
                        let indices = member.indices[unit]
                        guard !indices.isEmpty else { return nil }
                        let sum = indices.reduce(0.0) { $0 + slices[Int($1)] }
                        return norm == .l2 ? sum.squareRoot() : sum
                    })
            }
            return scores.normalized
        }
    }
}
