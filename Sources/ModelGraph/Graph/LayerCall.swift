package import OrderedCollections

/// One call of a layer as its rules see it: the shapes that go in and the constants beside them.
package struct LayerCall: Sendable {
    /// Shapes of the node's tensors in the order of ``Node/inputs``.
    package var inputs: [Shape]
    package var arguments: [Argument]
    package var keywords: OrderedDictionary<String, Argument>

    package init(
        inputs: [Shape], arguments: [Argument]? = nil,
        keywords: OrderedDictionary<String, Argument> = [:]
    ) {
        self.inputs = inputs
        self.arguments =
            arguments ?? inputs.indices.map { .tensor(TensorReference(node: $0)) }
        self.keywords = keywords
    }

    /// The only input's shape.
    ///
    /// - Throws: ``GraphError`` if there is not exactly one.
    package func input() throws(GraphError) -> Shape {
        guard inputs.count == 1 else {
            throw GraphError(.connection, "takes one input, has \(inputs.count)")
        }
        return inputs[0]
    }

    /// The first input's shape, for layers that also take masks and states.
    ///
    /// - Throws: ``GraphError`` if there is none.
    package func firstInput() throws(GraphError) -> Shape {
        guard let input = inputs.first else {
            throw GraphError(.connection, "takes an input, has none")
        }
        return input
    }
}
