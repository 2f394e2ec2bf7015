import ModelGraph
import OrderedCollections
import OrderedJSON

/// Builds small graphs for tests, with weights of zeros.
struct GraphBuilder {
    var graph = ModelGraph(name: "test", layers: [], nodes: [], inputs: [], outputs: [])

    mutating func input(_ shape: Int?...) -> TensorReference { input(shape) }

    mutating func input(_ shape: some Collection<Int?>) -> TensorReference {
        let dimensions = shape.map { $0.map { JSON.integer($0) } ?? .null }
        let tensor = try? call("InputLayer", ["batch_shape": .array([.null] + dimensions)], [])
        let reference = tensor ?? TensorReference(node: 0)
        graph.inputs.append(reference)
        return reference
    }

    /// A new layer and its first call.
    @discardableResult
    mutating func call(
        _ className: String, _ configuration: JSON = [:], _ inputs: [TensorReference],
        arguments: [Argument]? = nil, keywords: OrderedDictionary<String, Argument> = [:],
        name: String? = nil
    ) throws -> TensorReference {
        let definition = try LayerRegistry.definition(
            className: className, configuration: configuration)
        graph.layers.append(
            Layer(
                path: [name ?? "\(className)\(graph.layers.count)"], className: className,
                configuration: configuration, definition: definition))
        graph.nodes.append(
            Node(
                layer: graph.layers.count - 1, arguments: arguments ?? inputs.map { .tensor($0) },
                keywords: keywords))
        let shapes = try graph.inferShapes()
        let specifications = try definition.weights(
            for: shapes.call(of: graph.nodes[graph.nodes.count - 1]))
        graph.layers[graph.layers.count - 1].weights = specifications.map {
            Weight(
                role: $0.role, shape: $0.shape,
                values: Array(repeating: 0, count: $0.shape.reduce(1, *)))
        }
        return TensorReference(node: graph.nodes.count - 1)
    }

    /// Another call of a layer.
    mutating func again(_ tensor: TensorReference, _ inputs: [TensorReference]) -> TensorReference {
        graph.nodes.append(Node(layer: graph.nodes[tensor.node].layer, inputs: inputs))
        return TensorReference(node: graph.nodes.count - 1)
    }

    mutating func finish(_ outputs: TensorReference...) -> ModelGraph {
        graph.outputs = outputs
        return graph
    }
}

extension ChannelMap {
    /// The classes along an axis: the standing label, or -1 where the channel is fixed or protected.
    func classes(_ labels: ChannelLabels) -> [Int32] {
        labels.map { label in
            label == ChannelLabels.fixed || protection(of: label) != nil
                ? -1 : representative(of: label)
        }
    }

    func classes(_ tensor: TensorReference, axis: Int) -> [Int32] {
        classes(tensors[tensor]?.axes[axis] ?? [])
    }

    func classes(_ layer: Int, _ role: String, axis: Int) -> [Int32] {
        classes(weights[WeightAxis(layer: layer, role: role, axis: axis)]?.labels ?? [])
    }

    /// Why the first channel that stands along that axis must stay.
    func reason(_ tensor: TensorReference, axis: Int) -> Protection.Reason? {
        tensors[tensor]?.axes[axis]?.first.flatMap { protection(of: $0)?.reason }
    }
}
