import ModelGraph

/// A model of the topology, with its layers as they stand in the flat graph.
///
/// Tells where a layer of the graph stands in the topology and in files, and which tensor of the graph a
/// document's reference means.
struct ModelScope: Sendable {
    /// What a layer of the model is in the graph.
    enum Content: Sendable {
        /// Index into ``ModelGraph/layers``.
        case layer(Int)
        case model(ModelScope)
    }

    /// A layer, an operation or a nested model.
    struct Child: Sendable {
        var name: String
        var className: String
        var isOperation: Bool
        /// Whether the document has no such layer.
        var isImplied: Bool
        var content: Content
        /// For each call, the tensors that it gives, in the model's first call; a layer's other outputs
        /// follow the first.
        var calls: [[TensorReference]]
    }

    var path: [String]
    var model: ParsedModel
    var children: [Child]
    /// What the model's first call is given, or its own inputs.
    var inputs: [TensorReference]

    /// The graph's layers that stand in the model and those nested in it, in Keras's order.
    var graphLayers: [Int] {
        children.flatMap { child in
            switch child.content {
            case .layer(let index): [index]
            case .model(let scope): scope.graphLayers
            }
        }
    }

    /// The tensor that a reference of the document means, in the model's first call.
    func tensor(_ reference: ParsedReference) -> TensorReference? {
        guard let index = model.layerIndices[reference.layer] else { return nil }
        let call = reference.call - model.callBases[index]
        return Self.tensor(
            call: call, output: reference.output, calls: children[index].calls,
            isModel: model.layers[index].nested != nil)
    }

    static func tensor(
        call: Int, output: Int, calls: [[TensorReference]], isModel: Bool
    ) -> TensorReference? {
        guard calls.indices.contains(call) else { return nil }
        let outputs = calls[call]
        if isModel { return outputs.indices.contains(output) ? outputs[output] : nil }
        return outputs.first.map { TensorReference(node: $0.node, output: output) }
    }
}
