/// What a model costs on any machine: work, parameters and memory, for one sample.
package struct GraphCosts: Hashable, Sendable {
    /// The costs of one node.
    package struct Node: Hashable, Sendable {
        /// Elements of the layer's weights; 0 at later calls of a shared layer.
        package var parameters: Int
        package var parameterBytes: Int
        package var work: LayerWork
        /// Bytes of the outputs, also where they need no memory of their own.
        package var activationBytes: Int
    }

    /// By node.
    package var nodes: [Node]
    /// Bytes of the tensors that are alive at once, at most; see ``init(_:shapes:bytesPerElement:reusesMemory:)``.
    package var peakActivationBytes: Int

    package var parameters: Int { sum(\.parameters) }
    package var parameterBytes: Int { sum(\.parameterBytes) }
    package var multiplyAdds: Int { sum(\.work.multiplyAdds) }
    package var activationBytes: Int { sum(\.activationBytes) }

    private func sum(_ value: (Node) -> Int) -> Int {
        nodes.reduce(0) { $0.saturatingPlus(value($1)) }
    }

    /// Counts a graph's costs.
    ///
    /// Memory is counted as a runtime needs it that runs the nodes in their order and frees each tensor behind its
    /// last reader: at a node its inputs, its outputs, and all that later nodes or the caller still need.
    /// Layers that only rename their input (``LayerMemory/view``) need nothing. Weights are not counted, nor a runtime's
    /// scratch memory.
    /// - Parameters:
    ///   - shapes: of all tensors, known but for the batch.
    ///   - bytesPerElement: of activations.
    ///   - reusesMemory: whether an element-wise layer writes over its input if nobody else reads it.
    /// - Throws: ``GraphError`` naming the layer whose output has no known size.
    package init(
        _ graph: ModelGraph, shapes: TensorShapes, bytesPerElement: Int = 4,
        reusesMemory: Bool = false
    ) throws(GraphError) {
        var sizes: [[Int]] = []
        nodes = []
        var isFirst = Set(graph.layers.indices)
        for (index, node) in graph.nodes.enumerated() {
            let layer = graph.layers[node.layer]
            var own: [Int] = []
            for shape in shapes.nodes[index] {
                guard let count = shape.sampleElementCount else {
                    throw GraphError(
                        .shape, layer: layer.name,
                        "the size of its output \(shape) is not known; give the model's input shape"
                    )
                }
                own.append(count.saturatingTimes(bytesPerElement))
            }
            sizes.append(own)
            let counts = isFirst.remove(node.layer) != nil
            nodes.append(
                Node(
                    parameters: counts ? layer.parameterCount : 0,
                    parameterBytes: counts
                        ? layer.weights.reduce(0) { $0.saturatingPlus($1.byteCount) } : 0,
                    work: graph.work(of: node, shapes: shapes, outputs: shapes.nodes[index]),
                    activationBytes: own.reduce(0) { $0.saturatingPlus($1) }))
        }
        peakActivationBytes = graph.peakBytes(sizes: sizes, reusesMemory: reusesMemory)
    }
}

extension ModelGraph {
    /// The work of a node; element-wise over its outputs where the layer class says nothing else.
    package func work(of node: Node, shapes: TensorShapes, outputs: [Shape]) -> LayerWork {
        let call = shapes.call(of: node)
        if let work = layers[node.layer].definition.work(of: call, outputs: outputs) { return work }
        let channels = outputs.first?.dimensions.last.flatMap { $0 } ?? 1
        let elements = outputs.reduce(0) { $0.saturatingPlus($1.knownElementCount) }
        return LayerWork(
            kind: .elementWise, positions: elements / max(channels, 1), inputChannels: channels,
            outputChannels: channels, groups: max(channels, 1), multiplyAdds: 0)
    }
}
