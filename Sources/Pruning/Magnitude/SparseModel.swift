package import ModelGraph
import Workers

/// A model in which single weights read as zero.
package struct SparseModel: Sendable {
    /// What one kernel has become.
    package struct KernelReport: Hashable, Sendable {
        package var kernel: Kernel
        /// Elements that the mask zeroes, those that were zero before among them.
        package var zeros: Int
    }

    package var graph: ModelGraph
    /// Every prunable kernel, in order.
    package var kernels: [KernelReport]
    /// What was carried out, kernel by kernel: replaying it gives the same zeros.
    package var sparsity: WeightSparsity

    package var zeros: Int { kernels.reduce(0) { $0 + $1.zeros } }
    package var weights: Int { kernels.reduce(0) { $0 + $1.kernel.elementCount } }
}

extension ModelGraph {
    /// Masks the weights that are to become zero; the stored bytes stay as they are.
    ///
    /// Zeros are exactly as many as asked for: the smallest magnitudes, of equal ones those of the earlier kernel, then of the lower index.
    /// - Parameter protected: layers that stay dense.
    /// - Throws: ``PruningError`` naming a kernel that is not there, cannot hold so many zeros, or has NaN in it.
    package func sparsified(
        _ sparsity: WeightSparsity, protecting protected: [LayerPattern] = []
    ) throws(PruningError) -> SparseModel {
        let kernels = kernels(protecting: protected)
        var model = SparseModel(
            graph: self, kernels: kernels.map { .init(kernel: $0, zeros: 0) },
            sparsity: WeightSparsity(scope: sparsity.scope, zeros: sparsity.zeros, kernels: []))
        if sparsity.kernels.isEmpty, let zeros = sparsity.zeros {
            try model.mask(kernels.indices.map { $0 }, zeros: zeros)
        }
        let byName = Dictionary(
            kernels.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<Int> = []
        for plan in sparsity.kernels {
            guard let index = byName[plan.kernel] else {
                throw PruningError(
                    .kernel, at: plan.kernel, "the model has no such prunable kernel")
            }
            guard seen.insert(index).inserted else {
                throw PruningError(.kernel, at: plan.kernel, "stands in the plan twice")
            }
            switch plan.sparsity {
            case .zeros(let zeros): try model.mask([index], zeros: zeros)
            case .pattern(let pattern): try model.mask(index, pattern: pattern)
            }
        }
        if sparsity.kernels.isEmpty {
            model.sparsity.kernels = model.kernels.map {
                KernelPlan(kernel: $0.kernel.name, sparsity: .zeros($0.zeros))
            }
        } else {
            model.sparsity.kernels = sparsity.kernels
        }
        return model
    }
}

extension WeightSparsity {
    /// The same share of zeros in every kernel, rounded to the nearest count.
    package static func layer(share: Double, of kernels: [Kernel]) -> WeightSparsity {
        WeightSparsity(
            scope: .layer,
            kernels: kernels.map { kernel in
                let zeros = (Double(kernel.elementCount) * min(max(share, 0), 1)).rounded()
                return KernelPlan(
                    kernel: kernel.name, sparsity: .zeros(min(Int(zeros), kernel.elementCount)))
            })
    }

    /// The same pattern in every kernel that has an input axis longer than what is kept of a block.
    package static func pattern(
        _ pattern: SparsityPattern, of kernels: [Kernel]
    ) -> WeightSparsity {
        WeightSparsity(
            scope: .layer,
            kernels: kernels.compactMap { kernel in
                guard let axis = kernel.inputAxis, kernel.shape[axis] > pattern.kept else {
                    return nil
                }
                return KernelPlan(kernel: kernel.name, sparsity: .pattern(pattern))
            })
    }
}

extension SparseModel {
    private func weight(_ index: Int) -> Weight? {
        graph.layers[kernels[index].kernel.layer].weight(kernels[index].kernel.role)
    }

    private mutating func set(_ mask: any WeightMask, of index: Int) {
        let kernel = kernels[index].kernel
        let weights = graph.layers[kernel.layer].weights
        guard let place = weights.firstIndex(where: { $0.role == kernel.role }) else { return }
        graph.layers[kernel.layer].weights[place] = weights[place].materialized()
        graph.layers[kernel.layer].weights[place].mask = mask
    }

    /// The smallest weights of some kernels together.
    fileprivate mutating func mask(_ indices: [Int], zeros: Int) throws(PruningError) {
        let weights = indices.compactMap { index in
            weight(index).map { (name: kernels[index].kernel.name, weight: $0) }
        }
        let total = weights.reduce(0) { $0 + $1.weight.elementCount }
        guard (0...total).contains(zeros) else {
            throw PruningError(
                .kernel, at: indices.count == 1 ? kernels[indices[0]].kernel.name : "all kernels",
                "cannot hold \(zeros) zeros, has \(total) weights")
        }
        guard zeros > 0 else { return }
        let selection = try MagnitudeSelection(zeros, smallestOf: weights)
        for (part, index) in zip(selection.parts, indices) where part.count > 0 {
            kernels[index].zeros = part.count
            guard let type = weight(index)?.elementType else { continue }
            set(
                MagnitudeMask(
                    elementType: type, threshold: selection.threshold, tieLimit: part.tieLimit),
                of: index)
        }
    }

    fileprivate mutating func mask(
        _ index: Int, pattern: SparsityPattern
    ) throws(PruningError) {
        let kernel = kernels[index].kernel
        guard let axis = kernel.inputAxis, let weight = weight(index) else {
            throw PruningError(
                .kernel, at: kernel.name, "has no input axis for the pattern \(pattern)")
        }
        try weight.refuseNaN(name: kernel.name)
        kernels[index].zeros = PatternMask.zeroCount(pattern, shape: kernel.shape, axis: axis)
        set(
            PatternMask(
                pattern, shape: kernel.shape, axis: axis, elementType: weight.elementType),
            of: index)
    }
}

extension Weight {
    fileprivate func refuseNaN(name: String) throws(PruningError) {
        let weight = materialized()
        let pieces = MagnitudePiece.pieces(of: [weight])
        let found = concurrentMap(pieces.count) { piece in
            weight.withMagnitudes(pieces[piece].elements) { $1.isNaN ? true : nil } ?? false
        }
        if found.contains(true) {
            throw PruningError(.weight, at: name, "holds NaN, which has no magnitude to compare")
        }
    }
}
