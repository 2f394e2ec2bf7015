import ModelGraph

/// The shapes of a graph's tensors, as far as they are certain.
///
/// What a layer of an unknown class gives is certain only where the file tells it; without that, nothing that
/// depends on it is.
struct KnownShapes: Sendable {
    /// For each node the shapes of its outputs; nil where they are not certain.
    private(set) var nodes: [[Shape]?] = []

    init(of graph: ModelGraph) throws(GraphError) {
        nodes.reserveCapacity(graph.nodes.count)
        for node in graph.nodes {
            let layer = graph.layers[node.layer]
            if let opaque = layer.definition as? OpaqueLayer {
                nodes.append(opaque.knownOutputs)
                continue
            }
            do throws(GraphError) {
                guard let call = try call(of: node) else {
                    nodes.append(nil)
                    continue
                }
                nodes.append(try layer.definition.outputs(of: call))
            } catch { throw error.at(layer.name) }
        }
    }

    subscript(tensor: TensorReference) -> Shape? {
        guard nodes.indices.contains(tensor.node), let outputs = nodes[tensor.node],
            outputs.indices.contains(tensor.output)
        else { return nil }
        return outputs[tensor.output]
    }

    /// The node as its layer class's rules see it; nil if an input's shape is not certain.
    func call(of node: Node) throws(GraphError) -> LayerCall? {
        var inputs: [Shape] = []
        for input in node.inputs {
            guard nodes.indices.contains(input.node) else {
                throw GraphError(.connection, "reads a tensor that is not made before it")
            }
            guard let outputs = nodes[input.node] else { return nil }
            guard outputs.indices.contains(input.output) else {
                throw GraphError(.connection, "reads a tensor that is not made before it")
            }
            inputs.append(outputs[input.output])
        }
        return LayerCall(inputs: inputs, arguments: node.arguments, keywords: node.keywords)
    }
}

extension ModelGraph {
    /// The weights that each layer expects for its first call; nil where that is not certain.
    func expectedWeights(shapes: KnownShapes) throws(GraphError) -> [[WeightSpecification]?] {
        var firstCalls = [Int?](repeating: nil, count: layers.count)
        for (index, node) in nodes.enumerated() where firstCalls[node.layer] == nil {
            firstCalls[node.layer] = index
        }
        var expected: [[WeightSpecification]?] = []
        for (index, layer) in layers.enumerated() {
            guard let first = firstCalls[index], !(layer.definition is OpaqueLayer) else {
                expected.append(nil)
                continue
            }
            do throws(GraphError) {
                guard let call = try shapes.call(of: nodes[first]) else {
                    expected.append(nil)
                    continue
                }
                expected.append(try layer.definition.weights(for: call))
            } catch { throw error.at(layer.name) }
        }
        return expected
    }
}
