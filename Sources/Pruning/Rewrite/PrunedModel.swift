package import ModelGraph

/// A model after a plan was carried out.
package struct PrunedModel: Sendable {
    /// The smaller model, with the weights masked that are to be zero.
    package var graph: ModelGraph
    /// The plan as carried out: where it left the choice of weights to their magnitudes, each kernel's count now stands in it.
    package var plan: PruningPlan
    /// The model of unchanged topology that `graph` must equal but for its sparse weights; nil if no channel went.
    package var masked: MaskedModel?
    /// Every prunable kernel of `graph` with its zeros; empty if no weight is to be zero.
    package var kernels: [SparseModel.KernelReport]
    /// What recovery did to the weights of `graph`, layer by layer; nil without any.
    package var recovery: [LayerFit]?

    /// What became of the constants of removed channels.
    package var folds: [FoldReport] { masked?.folds ?? [] }

    /// What was done to make up for removed channels.
    package var recoveries: [DataFreeReport] { masked?.recoveries ?? [] }
}

extension PrunableModel {
    /// Carries a plan out: masks channels, cuts them out, then masks weights of what is left.
    ///
    /// - Parameter recovery: what is done without data to make up for removed channels.
    /// - Throws: ``PruningError`` if the plan does not fit the model, with the group, kernel or layer.
    package func pruned(
        by plan: PruningPlan, recovery: DataFreeRecovery = .exact
    ) throws(PruningError) -> PrunedModel {
        try plan.validate(for: self)
        var result = PrunedModel(graph: graph, plan: plan, kernels: [])
        if plan.groups.contains(where: { $0.kept.count < $0.size }) {
            let masked = try masked(by: plan, recovery: recovery)
            result.masked = masked
            result.graph = try shrunk(masked)
        }
        if let sparsity = plan.sparsity {
            let sparse = try result.graph.sparsified(sparsity, protecting: protected)
            result.graph = sparse.graph
            result.kernels = sparse.kernels
            result.plan.sparsity = sparse.sparsity
        }
        return result
    }
}
