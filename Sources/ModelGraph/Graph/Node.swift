package import OrderedCollections
package import OrderedJSON

/// One output of one node.
package struct TensorReference: Hashable, Sendable {
    /// Index into ``ModelGraph/nodes``.
    package var node: Int
    /// Which of the node's outputs.
    package var output: Int

    package init(node: Int, output: Int = 0) {
        self.node = node
        self.output = output
    }
}

/// What a layer is called with: a tensor, a list, or a constant.
package indirect enum Argument: Hashable, Sendable {
    case tensor(TensorReference)
    case list([Argument])
    case constant(JSON)

    /// The tensors in it, in order.
    package var tensors: [TensorReference] {
        switch self {
        case .tensor(let reference): [reference]
        case .list(let arguments): arguments.flatMap(\.tensors)
        case .constant: []
        }
    }
}

/// One call of a layer.
///
/// A layer that is shared has several.
package struct Node: Hashable, Sendable {
    /// Index into ``ModelGraph/layers``.
    package var layer: Int
    package var arguments: [Argument]
    package var keywords: OrderedDictionary<String, Argument>

    package init(
        layer: Int, arguments: [Argument], keywords: OrderedDictionary<String, Argument> = [:]
    ) {
        self.layer = layer
        self.arguments = arguments
        self.keywords = keywords
    }

    package init(layer: Int, inputs: [TensorReference]) {
        self.init(layer: layer, arguments: inputs.map { .tensor($0) })
    }

    /// All tensors that the node reads: positional ones first, then keywords in their order.
    package var inputs: [TensorReference] {
        arguments.flatMap(\.tensors) + keywords.values.flatMap(\.tensors)
    }
}
