import Contexts
import KerasFormat
import ModelGraph
import Planning
import Pruning

/// A variant that was made, and its file, which has no name yet.
struct Variant {
    var plan: Plan
    var pruned: PrunedModel
    /// The base as the plan is carried out on it.
    var prunable: PrunableModel
    var summary: WorkloadSummary
    var file: PendingFile
    /// How the file stores its weights.
    var compression: KerasCompression
    /// nil as long as nobody asked.
    var scores: Scoring.Scores?

    /// The base's shapes with the variant's numbers; made anew at each call, as it may need as much memory as the base.
    func masked() throws(PruningError) -> ModelGraph { try prunable.masked(like: pruned) }
}

extension Workshop {
    /// Carries out a plan and writes the variant beside its destination.
    ///
    /// Weights that become zero are chosen among those that stay.
    func make(
        _ plan: Plan, at destination: String, kind: KerasFileKind?, options: PruningOptions,
        overwrite: Bool, recovery: VariantRecovery
    ) throws -> Variant {
        var prunable = prunable
        if !options.protect.isEmpty {
            let kept = prunable.keptMoments
            prunable = try PrunableModel(base.graph, protecting: options.protect.map(\.text))
            prunable.keptMoments = kept
        }
        let pruned = try prunable.pruned(by: plan.pruning, recovery: recovery)
        let file = try base.stage(
            for: destination, graph: pruned.graph, as: kind, compression: options.kerasCompression,
            overwrite: overwrite)
        let summary = try analysis.summary(
            of: pruned.graph, fileBytes: try file.byteCount(),
            weightSparsity: pruned.sparsity)
        var plan = plan
        plan.pruning = pruned.plan
        return Variant(
            plan: plan, pruned: pruned, prunable: prunable, summary: summary, file: file,
            compression: options.kerasCompression)
    }
}

extension PruningOptions {
    /// How the written file stores its weights.
    var kerasCompression: KerasCompression {
        compression == .none ? .none : .deflate(level: compressionLevel)
    }
}

extension PrunedModel {
    /// Share of the prunable weights that are zero.
    fileprivate var sparsity: Double {
        let weights = kernels.reduce(0) { $0 + $1.kernel.elementCount }
        let zeros = kernels.reduce(0) { $0 + $1.zeros }
        return weights == 0 ? 0 : Double(zeros) / Double(weights)
    }
}
