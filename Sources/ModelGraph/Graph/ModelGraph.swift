/// A network: layers, and the calls that connect them.
///
/// The graph is flat. Models nested in the file are inlined: their layers have longer paths, and a nested model
/// that is called twice has its nodes twice, over the same layers. Nodes stand in an order in which
/// each reads only from those before it.
public struct ModelGraph: Sendable {
    /// The model's name in its file.
    public var name: String
    package var layers: [Layer]
    package var nodes: [Node]
    /// The outputs of the input layers, in the order in which the model takes its inputs.
    package var inputs: [TensorReference]
    package var outputs: [TensorReference]
    /// Shapes to take for the inputs where the input layers leave dimensions open; nil takes theirs.
    package var assumedInputs: [Shape]?

    package init(
        name: String, layers: [Layer], nodes: [Node], inputs: [TensorReference],
        outputs: [TensorReference]
    ) {
        self.name = name
        self.layers = layers
        self.nodes = nodes
        self.inputs = inputs
        self.outputs = outputs
    }

    /// The nodes that read each tensor, in order; a node that reads it twice stands there once.
    package func consumers() -> [TensorReference: [Int]] {
        var consumers: [TensorReference: [Int]] = [:]
        for (index, node) in nodes.enumerated() {
            for input in node.inputs where consumers[input]?.last != index {
                consumers[input, default: []].append(index)
            }
        }
        return consumers
    }

    /// Elements of all weights, the non-trainable ones too.
    public var parameterCount: Int {
        layers.reduce(0) { sum, layer in
            layer.weights.reduce(sum) { $0.saturatingPlus($1.elementCount) }
        }
    }
}
