import Contexts
import KerasFormat
import ModelGraph
import Planning
import Pruning

/// A variant that was made, and its file, which has no name yet.
struct Variant {
    var plan: Plan
    var masked: MaskedModel
    var shrunk: ModelGraph
    var zeros: Int
    var kernelWeights: Int
    var summary: WorkloadSummary
    var file: PendingFile
}

extension Workshop {
    /// Carries out a plan and writes the variant beside its destination.
    ///
    /// Weights that become zero are chosen among those that stay.
    func make(
        _ plan: Plan, at destination: String, kind: KerasFileKind?, options: PruningOptions,
        overwrite: Bool
    ) throws -> Variant {
        let masked = try prunable.masked(by: plan.pruning)
        let shrunk = try prunable.shrunk(masked)
        var (graph, zeros, weights) = (shrunk, 0, 0)
        let protected = options.protect.map { LayerPattern($0.text) }
        if let sparsity = plan.pruning.sparsity {
            let sparse = try shrunk.sparsified(sparsity, protecting: protected)
            (graph, zeros, weights) = (sparse.graph, sparse.zeros, sparse.weights)
        }
        let file = try base.stage(
            for: destination, graph: graph, as: kind, compression: options.kerasCompression,
            overwrite: overwrite)
        let summary = try analysis.summary(
            of: graph, fileBytes: try file.byteCount(),
            weightSparsity: weights == 0 ? 0 : Double(zeros) / Double(weights))
        return Variant(
            plan: plan, masked: masked, shrunk: shrunk, zeros: zeros, kernelWeights: weights,
            summary: summary, file: file)
    }
}

extension PruningOptions {
    /// How the written file stores its weights.
    var kerasCompression: KerasCompression {
        compression == .none ? .none : .deflate(level: compressionLevel)
    }
}
