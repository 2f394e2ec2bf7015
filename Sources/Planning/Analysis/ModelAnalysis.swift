package import Contexts
package import ModelGraph
package import Pruning

/// Everything about a model that planning needs and that no profile changes: made once, planned with
/// often.
package final class ModelAnalysis: Sendable {
    package let model: PrunableModel
    /// What the base makes a device do.
    package let base: WorkloadSummary
    /// Layers whose sizes the model leaves open; without them there is no latency and no peak memory.
    package let unknownLayers: [String]
    /// What all profiles' problems have in common: costs, but no widths and no limits.
    let costs: WidthCosts

    private let channelAxes: [[Int]]
    /// Tells whether a plan belongs to the model.
    let fingerprint: ModelFingerprint
    /// Magnitudes of the kernels that weight pruning may touch.
    let kernels: KernelSamples

    /// Analyses a model.
    ///
    /// - Parameters:
    ///   - model: no layer of it protected by request; profiles do that.
    ///   - fileBytes: size of the base's file.
    /// - Complexity: linear in nodes, weights and channels.
    package init(_ model: PrunableModel, fileBytes: Int) {
        self.model = model
        let axes = AxisCounts(model)
        let channelAxes = model.shapes.nodes.enumerated().map { node, outputs in
            outputs.indices.map { axes.channelAxis(TensorReference(node: node, output: $0)) }
        }
        self.channelAxes = channelAxes
        let builder = WorkloadBuilder(model.graph, shapes: model.shapes) {
            channelAxes[$0.node][$0.output]
        }
        let layers = builder.layers()
        fingerprint = ModelFingerprint(of: model.graph)
        kernels = KernelSamples(model.graph, kernels: model.graph.kernels())
        unknownLayers = builder.unknownLayers()
        costs = WidthCosts(model, axes: axes, layers: layers)
        base = Self.summary(
            of: model.graph, shapes: model.shapes, layers: layers.map(\.workload),
            fileBytes: fileBytes, weightSparsity: 0)
    }

    /// What a variant of the model makes a device do.
    ///
    /// - Parameters:
    ///   - variant: a model of the same topology.
    ///   - fileBytes: size of its file.
    ///   - weightSparsity: share of its prunable weights that are zero.
    /// - Throws: ``GraphError`` if its layers do not fit each other.
    package func summary(
        of variant: ModelGraph, fileBytes: Int, weightSparsity: Double = 0
    ) throws(GraphError) -> WorkloadSummary {
        let shapes = try variant.inferShapes()
        let channelAxes = channelAxes
        let builder = WorkloadBuilder(variant, shapes: shapes) {
            channelAxes[$0.node][$0.output]
        }
        return Self.summary(
            of: variant, shapes: shapes, layers: builder.layers().map(\.workload),
            fileBytes: fileBytes, weightSparsity: weightSparsity)
    }

    private static func summary(
        of graph: ModelGraph, shapes: TensorShapes, layers: [LayerWorkload], fileBytes: Int,
        weightSparsity: Double
    ) -> WorkloadSummary {
        let moments = TensorLiveness(graph, shapes: shapes).moments(
            nodes: graph.nodes.count, zero: 0,
            size: { tensor in
                (shapes[tensor].sampleElementCount ?? 0)
                    .saturatingTimes(WorkloadBuilder.activationBytes)
            },
            add: { $0 = $0.saturatingPlus($1) })
        return WorkloadSummary(
            layers: layers, parameterCount: graph.parameterCount,
            parameterBytes: graph.layers.reduce(0) { sum, layer in
                layer.weights.reduce(sum) {
                    $0.saturatingPlus(WorkloadBuilder.residentBytes($1))
                }
            },
            weightSparsity: weightSparsity, peakActivationBytes: moments.max() ?? 0,
            fileBytes: fileBytes)
    }
}
