import Contexts
import Pruning

/// What is done to the weights that stay.
enum VariantRecovery {
    case dataFree(DataFreeRecovery)
    case reconstruction(DatasetSamples)

    /// - Throws: ``CommandFailure`` where calibration data is asked for and not given.
    init(_ option: PruningOptions.Recovery, calibration: Calibration?) throws {
        switch (option, calibration) {
        case (.none, _): self = .dataFree(.exact)
        case (.means, _): self = .dataFree(.means)
        case (.merge, _), (.auto, nil): self = .dataFree(.merge)
        case (.auto, let calibration?), (.reconstruction, let calibration?):
            self = .reconstruction(calibration.samples)
        case (.reconstruction, nil):
            throw CommandFailure(.usage, "--recovery reconstruction needs --calibration")
        }
    }
}

extension PrunableModel {
    /// Carries a plan out and makes up for what it removes.
    func pruned(by plan: PruningPlan, recovery: VariantRecovery) throws -> PrunedModel {
        switch recovery {
        case .dataFree(let recovery): return try pruned(by: plan, recovery: recovery)
        case .reconstruction(let samples):
            var dense = plan
            dense.sparsity = nil
            var pruned = try pruned(by: dense)
            let reconstruction = Reconstruction(self, pruned: pruned, samples: samples)
            if let sparsity = plan.sparsity {
                let (sparse, layers) = try reconstruction.sparsified(pruned.graph, sparsity)
                pruned.graph = sparse.graph
                pruned.kernels = sparse.kernels
                pruned.plan.sparsity = sparse.sparsity
                pruned.recovery = layers
            } else if pruned.masked != nil {
                let (graph, layers) = try reconstruction.fitted(pruned.graph)
                pruned.graph = graph
                pruned.recovery = layers
            }
            return pruned
        }
    }
}
