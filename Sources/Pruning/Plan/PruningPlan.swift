import ModelGraph

/// What is to be pruned: for each channel group the units to keep, for each kernel the sparsity.
///
/// A plan is data: it can be printed, stored, and replayed on the model that it was made for.
/// Channels go first; the weights that become zero are chosen among those that stay.
package struct PruningPlan: Hashable, Sendable {
    /// The version of the stored form.
    package static let schema = 1

    /// The model's name, for people.
    package var model: String
    package var fingerprint: ModelFingerprint
    /// The criterion that chose the units, and the weights.
    package var criterion: String
    /// What is kept of each channel group.
    ///
    /// A group that is not named stays whole.
    package var groups: [GroupPlan]
    /// nil if no weight is to become zero.
    package var sparsity: WeightSparsity?

    package init(
        model: String, fingerprint: ModelFingerprint, criterion: String, groups: [GroupPlan] = [],
        sparsity: WeightSparsity? = nil
    ) {
        self.model = model
        self.fingerprint = fingerprint
        self.criterion = criterion
        self.groups = groups
        self.sparsity = sparsity
    }

    /// A plan for that model which keeps everything.
    package init(keepingAllOf model: PrunableModel, criterion: String) {
        self.init(
            model: model.graph.name, fingerprint: ModelFingerprint(of: model.graph),
            criterion: criterion, groups: model.groups.groups.map { GroupPlan(keepingAllOf: $0) })
    }
}

/// The units of one channel group that stay.
package struct GroupPlan: Hashable, Sendable {
    /// The group's name.
    package var group: String
    /// Units that the group has before the cut.
    package var size: Int
    /// Unit numbers, ascending.
    package var kept: [Int]

    package init(group: String, size: Int, kept: [Int]) {
        self.group = group
        self.size = size
        self.kept = kept
    }

    package init(keepingAllOf group: ChannelGroup) {
        self.init(group: group.name, size: group.size, kept: Array(0..<group.size))
    }
}

/// Which weights become zero.
package struct WeightSparsity: Hashable, Sendable {
    /// Among which weights magnitudes are compared.
    package enum Scope: String, Hashable, Sendable, CaseIterable {
        /// Over all kernels together.
        case global
        /// Within each kernel.
        case layer
    }

    package var scope: Scope
    /// With ``Scope/global``: zeros in all prunable kernels together; nil where the kernels are listed.
    package var zeros: Int?
    /// What each kernel gets.
    ///
    /// With ``Scope/global`` it may be empty: then the magnitudes decide.
    package var kernels: [KernelPlan]

    /// The smallest `zeros` weights of all kernels.
    package static func global(zeros: Int) -> WeightSparsity {
        WeightSparsity(scope: .global, zeros: zeros, kernels: [])
    }

    package init(scope: Scope, zeros: Int? = nil, kernels: [KernelPlan]) {
        self.scope = scope
        self.zeros = zeros
        self.kernels = kernels
    }
}

/// The sparsity of one kernel.
package struct KernelPlan: Hashable, Sendable {
    /// The layer's path and the weight's role: `backbone/conv1/kernel`.
    package var kernel: String
    package var sparsity: KernelSparsity

    package init(kernel: String, sparsity: KernelSparsity) {
        self.kernel = kernel
        self.sparsity = sparsity
    }
}

/// How many weights of a kernel become zero, and in which pattern.
package enum KernelSparsity: Hashable, Sendable {
    /// So many of the smallest.
    case zeros(Int)
    /// In each block along the input axis only the largest stay.
    case pattern(SparsityPattern)
}

/// N:M sparsity: of `block` consecutive weights along the input axis, at most `kept` are not zero.
package struct SparsityPattern: Hashable, Sendable, CustomStringConvertible {
    package let kept: Int
    package let block: Int

    /// - Returns: nil unless `1 ≤ kept < block ≤ 64`.
    package init?(kept: Int, of block: Int) {
        guard kept >= 1, kept < block, block <= 64 else { return nil }
        self.kept = kept
        self.block = block
    }

    /// Reads `2:4`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let kept = parts[0], let block = parts[1] else { return nil }
        self.init(kept: kept, of: block)
    }

    package var description: String { "\(kept):\(block)" }
}
