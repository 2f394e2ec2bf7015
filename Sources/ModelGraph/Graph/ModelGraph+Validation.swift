extension ModelGraph {
    /// Checks that the graph is a network: references, names, shapes and weights.
    ///
    /// Values of weights are not looked at. Layers of unknown classes are taken as they are.
    /// - Returns: the shape of every tensor.
    /// - Throws: ``GraphError`` for the first fault, naming the layer.
    /// - Complexity: linear in the size of the graph; weights are not read.
    @discardableResult
    package func validate(inputs: [Shape]? = nil) throws(GraphError) -> TensorShapes {
        try validateReferences()
        try validateNames()
        let shapes = try inferShapes(inputs: inputs)
        try validateEnds(shapes)
        try validateWeights(shapes)
        return shapes
    }

    /// Nodes that no output of the model depends on, ascending.
    ///
    /// They are legal: a nested model may be used for one of its outputs only.
    package var unreachableNodes: [Int] {
        var isReached = [Bool](repeating: false, count: nodes.count)
        for output in outputs where nodes.indices.contains(output.node) {
            isReached[output.node] = true
        }
        for index in nodes.indices.reversed() where isReached[index] {
            for input in nodes[index].inputs where (0..<index).contains(input.node) {
                isReached[input.node] = true
            }
        }
        return nodes.indices.filter { !isReached[$0] }
    }

    /// Layers that no node calls, ascending.
    package var uncalledLayers: [Int] {
        let called = Set(nodes.map(\.layer))
        return layers.indices.filter { !called.contains($0) }
    }

    private func validateReferences() throws(GraphError) {
        for (index, node) in nodes.enumerated() {
            guard layers.indices.contains(node.layer) else {
                throw GraphError(.connection, "node \(index) calls a layer that is not there")
            }
            for input in node.inputs where !(0..<index).contains(input.node) {
                throw GraphError(
                    .connection, layer: layers[node.layer].name,
                    "reads a tensor that is not made before it")
            }
        }
        for (kind, references) in [("input", inputs), ("output", outputs)] {
            for reference in references where !nodes.indices.contains(reference.node) {
                throw GraphError(.connection, "an \(kind) of the model is not there")
            }
        }
        guard !outputs.isEmpty else { throw GraphError(.connection, "the model has no output") }
        for input in inputs {
            let node = nodes[input.node]
            guard layers[node.layer].definition is InputLayer, node.inputs.isEmpty else {
                throw GraphError(
                    .connection, layer: layers[node.layer].name,
                    "is an input of the model, but not an input layer")
            }
        }
        let known = Set(inputs.map(\.node))
        for (index, node) in nodes.enumerated()
        where node.inputs.isEmpty && layers[node.layer].definition is InputLayer {
            guard known.contains(index) else {
                throw GraphError(
                    .connection, layer: layers[node.layer].name,
                    "is an input layer, but no input of the model and given nothing")
            }
        }
    }

    private func validateNames() throws(GraphError) {
        var known: Set<[String]> = []
        for layer in layers {
            guard known.insert(layer.path).inserted else {
                throw GraphError(.connection, layer: layer.name, "stands twice in the model")
            }
            var roles: Set<String> = []
            for weight in layer.weights where !roles.insert(weight.role).inserted {
                throw GraphError(
                    .weight, layer: layer.name, "has two weights called '\(weight.role)'")
            }
        }
    }

    private func validateEnds(_ shapes: TensorShapes) throws(GraphError) {
        for (kind, references) in [("input", inputs), ("output", outputs)] {
            for reference in references
            where !shapes.nodes[reference.node].indices.contains(reference.output) {
                throw GraphError(
                    .connection, layer: layers[nodes[reference.node].layer].name,
                    "has no tensor \(reference.output), which is an \(kind) of the model")
            }
        }
    }

    private func validateWeights(_ shapes: TensorShapes) throws(GraphError) {
        for node in nodes {
            let layer = layers[node.layer]
            guard !(layer.definition is OpaqueLayer) else { continue }
            do throws(GraphError) {
                let specifications = try layer.definition.weights(for: shapes.call(of: node))
                try layer.check(against: specifications)
            } catch { throw error.at(layer.name) }
        }
    }
}

extension Layer {
    /// Checks that the layer has just these weights, and that each holds what its shape promises.
    package func check(against specifications: [WeightSpecification]) throws(GraphError) {
        for specification in specifications {
            guard let weight = weight(specification.role) else {
                throw GraphError(.weight, "its weight '\(specification.role)' is missing")
            }
            guard weight.shape == specification.shape else {
                throw GraphError(
                    .weight,
                    """
                    its weight '\(weight.role)' has the shape \(weight.shape), \
                    its settings and inputs ask for \(specification.shape)
                    """)
            }
            guard weight.storage.bytes.count >= weight.byteCount else {
                throw GraphError(
                    .weight,
                    """
                    its weight '\(weight.role)' has \(weight.storage.bytes.count) bytes, \
                    its shape \(weight.shape) asks for \(weight.byteCount)
                    """)
            }
        }
        guard weights.count == specifications.count else {
            let known = Set(specifications.map(\.role))
            let extra = weights.map(\.role).filter { !known.contains($0) }
            throw GraphError(
                .weight, "has weights that its settings do not ask for: \(extra)")
        }
    }
}
