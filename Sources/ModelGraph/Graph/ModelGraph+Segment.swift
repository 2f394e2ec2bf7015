import OrderedCollections
import OrderedJSON

/// A part of a network as a network of its own.
package struct GraphSegment: Sendable {
    package var graph: ModelGraph
    /// For each input of ``graph``, the tensor of the whole network that goes in there.
    package var inputs: [TensorReference]
    /// For each output of ``graph``, the tensor of the whole network that comes out there.
    package var outputs: [TensorReference]
}

extension ModelGraph {
    /// The part of the network that makes some tensors from others.
    ///
    ///     image → conv → relu → conv → pool → logits         known: relu, wanted: logits
    ///             relu → conv → pool → logits
    ///
    /// What is not known is computed, back to the inputs of the model if need be.
    /// - Parameters:
    ///   - wanted: the tensors to make; of those that are known themselves nothing is made.
    ///   - known: tensors that are given.
    ///   - shapes: of this graph; a known tensor enters with its sample shape.
    /// - Throws: ``GraphError`` if a layer cannot be set up.
    package func segment(
        making wanted: [TensorReference], from known: Set<TensorReference>, shapes: TensorShapes
    ) throws(GraphError) -> GraphSegment {
        var isNeeded = [Bool](repeating: false, count: nodes.count)
        var entering: Set<TensorReference> = []
        var outputs: [TensorReference] = []
        for tensor in wanted where !known.contains(tensor) && !outputs.contains(tensor) {
            outputs.append(tensor)
            isNeeded[tensor.node] = true
        }
        for index in nodes.indices.reversed() where isNeeded[index] {
            for input in nodes[index].inputs {
                if known.contains(input) {
                    entering.insert(input)
                } else {
                    isNeeded[input.node] = true
                }
            }
        }
        let modelInputs = inputs.filter { isNeeded[$0.node] }
        var segment = GraphSegment(
            graph: ModelGraph(name: name, layers: [], nodes: [], inputs: [], outputs: []),
            inputs: modelInputs, outputs: outputs)
        var places: [TensorReference: TensorReference] = [:]
        for tensor in entering.sorted(by: { ($0.node, $0.output) < ($1.node, $1.output) }) {
            let place = TensorReference(node: segment.graph.nodes.count)
            places[tensor] = place
            segment.graph.nodes.append(Node(layer: segment.graph.layers.count, inputs: []))
            segment.graph.layers.append(
                try Self.input(
                    named: "tensor \(tensor.node).\(tensor.output)", shape: shapes[tensor]))
            segment.graph.inputs.append(place)
            segment.inputs.append(tensor)
        }
        segment.append(nodes: isNeeded, of: self, shapes: shapes, places: &places)
        segment.graph.inputs = modelInputs.compactMap { places[$0] } + segment.graph.inputs
        segment.graph.outputs = outputs.compactMap { places[$0] }
        segment.graph.assumedInputs = segment.inputs.map { shapes[$0] }
        return segment
    }

    private static func input(named name: String, shape: Shape) throws(GraphError) -> Layer {
        let dimensions = shape.dimensions.enumerated().map { axis, size -> JSON in
            axis == 0 ? .null : size.map { .integer($0) } ?? .null
        }
        let configuration: JSON = ["name": .string(name), "batch_shape": .array(dimensions)]
        return Layer(
            path: [name], className: "InputLayer", configuration: configuration,
            definition: try LayerRegistry.definition(
                className: "InputLayer", configuration: configuration, generation: .three))
    }
}

extension GraphSegment {
    /// Takes over nodes in their order, with the layers that they call.
    fileprivate mutating func append(
        nodes isNeeded: [Bool], of whole: ModelGraph, shapes: TensorShapes,
        places: inout [TensorReference: TensorReference]
    ) {
        var layers: [Int: Int] = [:]
        for index in whole.nodes.indices where isNeeded[index] {
            var node = whole.nodes[index]
            if let known = layers[node.layer] {
                node.layer = known
            } else {
                layers[node.layer] = graph.layers.count
                graph.layers.append(whole.layers[node.layer])
                node.layer = graph.layers.count - 1
            }
            func place(_ tensor: TensorReference) -> TensorReference {
                places[tensor] ?? tensor
            }
            node.arguments = node.arguments.map { $0.mapping(place) }
            node.keywords = node.keywords.mapValues { $0.mapping(place) }
            let new = graph.nodes.count
            graph.nodes.append(node)
            for output in 0..<max(shapes.nodes[index].count, 1) {
                let tensor = TensorReference(node: index, output: output)
                if places[tensor] == nil {
                    places[tensor] = TensorReference(node: new, output: output)
                }
            }
        }
    }
}

extension Argument {
    /// The same argument with other tensors.
    fileprivate func mapping(_ place: (TensorReference) -> TensorReference) -> Argument {
        switch self {
        case .tensor(let tensor): .tensor(place(tensor))
        case .list(let arguments): .list(arguments.map { $0.mapping(place) })
        case .constant: self
        }
    }
}
