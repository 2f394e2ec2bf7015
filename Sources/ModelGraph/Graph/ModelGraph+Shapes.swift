/// The shape of every tensor of a graph.
package struct TensorShapes: Sendable {
    /// For each node, the shapes of its outputs.
    package var nodes: [[Shape]]

    package subscript(reference: TensorReference) -> Shape {
        nodes[reference.node][reference.output]
    }

    /// The node as its layer class's rules see it.
    package func call(of node: Node) -> LayerCall {
        LayerCall(
            inputs: node.inputs.map { self[$0] }, arguments: node.arguments,
            keywords: node.keywords)
    }
}

extension ModelGraph {
    /// Works out the shape of every tensor.
    ///
    /// - Parameter inputs: shapes to use in place of those that the input layers give, in the order of ``inputs``; nil takes ``assumedInputs``;
    ///   they fill in unknown dimensions.
    /// - Throws: ``GraphError`` naming the layer whose inputs do not fit.
    package func inferShapes(inputs given: [Shape]? = nil) throws(GraphError) -> TensorShapes {
        let given = given ?? assumedInputs
        var shapes = TensorShapes(nodes: [])
        shapes.nodes.reserveCapacity(nodes.count)
        for (index, node) in nodes.enumerated() {
            let layer = layers[node.layer]
            for input in node.inputs {
                guard input.node < index, shapes.nodes[input.node].indices.contains(input.output)
                else {
                    throw GraphError(
                        .connection, layer: layer.name, "reads a tensor that is not made before it")
                }
            }
            var call = shapes.call(of: node)
            if let given, let position = self.inputs.firstIndex(of: TensorReference(node: index)),
                given.indices.contains(position)
            {
                call.inputs = [given[position]]
            }
            do throws(GraphError) {
                let outputs = try layer.definition.outputs(of: call)
                guard outputs.allSatisfy(\.isWithinRange) else {
                    throw GraphError(.shape, "its output is too large")
                }
                shapes.nodes.append(outputs)
            } catch { throw error.at(layer.name) }
        }
        return shapes
    }
}
