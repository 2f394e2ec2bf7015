package import ModelGraph
import Workers

extension PrunableModel {
    /// Cuts the removed channels out of a masked model.
    ///
    ///     conv (64, 32 slices 0) → batch norm (64) → relu → conv (64 → 10, 32 input slices 0)
    ///     conv (32)              → batch norm (32) → relu → conv (32 → 10)
    ///
    /// Only values that stay are copied, none is computed; so the result computes what the masked model computes, but for the
    /// order of sums. Layers are made anew with their new sizes, and the result is checked as a model from a file would be.
    /// - Throws: ``PruningError`` naming the layer that does not fit any more.
    package func shrunk(_ masked: MaskedModel) throws(PruningError) -> ModelGraph {
        var graph = masked.graph
        let cut = masked.cut
        let weights = gather(masked)
        var firstCalls = [Int?](repeating: nil, count: graph.layers.count)
        for (index, node) in graph.nodes.enumerated().reversed() { firstCalls[node.layer] = index }
        for index in graph.layers.indices {
            graph.layers[index].weights = weights[index]
            guard let node = firstCalls[index] else { continue }
            try resize(&graph.layers[index], node: node, cut: cut)
        }
        try check(graph, cut: cut)
        return graph
    }

    /// What stays of all weights, by layer.
    ///
    /// Layers are worked on in parallel.
    private func gather(_ masked: MaskedModel) -> [[Weight]] {
        concurrentMap(masked.graph.layers.count) { index in
            masked.graph.layers[index].weights.map { weight in
                weight.gathering(
                    weight.shape.indices.map { axis in
                        let key = WeightAxis(layer: index, role: weight.role, axis: axis)
                        return masked.map.weights[key].flatMap { masked.cut.kept($0.labels) }
                    })
            }
        }
    }

    private func resize(_ layer: inout Layer, node: Int, cut: ChannelCut) throws(PruningError) {
        let references = graph.nodes[node].inputs
        let resized = ResizedLayer(
            inputs: references.map { cut.shape(shapes[$0], channels: map.tensors[$0]) },
            outputs: shapes.nodes[node].indices.map {
                let output = TensorReference(node: node, output: $0)
                return cut.shape(shapes[output], channels: map.tensors[output])
            },
            weights: layer.weights, originalInputs: references.map { shapes[$0] })
        let isUnchanged =
            resized.inputs == references.map { shapes[$0] }
            && resized.outputs == shapes.nodes[node]
            && layer.weights.map(\.shape)
                == graph.layers[graph.nodes[node].layer].weights.map(\.shape)
        if isUnchanged || layer.definition is OpaqueLayer { return }
        do {
            try layer.configure(layer.definition.resized(layer.configuration, to: resized))
        } catch { throw PruningError(.rewrite, at: layer.name, error.reason) }
    }

    /// Shapes and weights must be what each layer class asks for, and what the cut promised.
    private func check(_ graph: ModelGraph, cut: ChannelCut) throws(PruningError) {
        let found: TensorShapes
        do { found = try graph.validate() } catch {
            throw PruningError(.rewrite, at: error.layer, "after the cut, \(error.reason)")
        }
        for (index, node) in graph.nodes.enumerated() {
            let layer = graph.layers[node.layer]
            for output in found.nodes[index].indices {
                let reference = TensorReference(node: index, output: output)
                let promised = cut.shape(shapes[reference], channels: map.tensors[reference])
                guard found[reference] == promised else {
                    throw PruningError(
                        .rewrite, at: layer.name,
                        "gives \(found[reference]) after the cut where \(promised) is due")
                }
            }
        }
    }
}
