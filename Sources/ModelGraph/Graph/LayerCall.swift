package import OrderedCollections
package import OrderedJSON

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

extension LayerCall {
    /// Which of ``inputs`` is the argument at that position or of that name; nil if it is no tensor.
    package func inputIndex(_ position: Int, _ keyword: String) -> Int? {
        var index = 0
        for (place, argument) in arguments.enumerated() {
            if place == position {
                if case .tensor = argument { return index }
                return nil
            }
            index += argument.tensors.count
        }
        for (name, argument) in keywords {
            if name == keyword {
                if case .tensor = argument { return index }
                return nil
            }
            index += argument.tensors.count
        }
        return nil
    }

    /// The constant argument of that name.
    package func keywordConstant(_ keyword: String) -> JSON? { keywords[keyword]?.json }
}

extension Argument {
    /// The argument as JSON; nil if a tensor is in it.
    package var json: JSON? {
        switch self {
        case .tensor: return nil
        case .constant(let json): return json
        case .list(let arguments):
            var elements: [JSON] = []
            for argument in arguments {
                guard let element = argument.json else { return nil }
                elements.append(element)
            }
            return .array(elements)
        }
    }
}
