import ModelGraph
import OrderedJSON

/// Builds small networks by hand, with seeded weights.
struct NetworkBuilder {
    var graph = ModelGraph(name: "test", layers: [], nodes: [], inputs: [], outputs: [])
    var random: SeededGenerator

    init(seed: UInt64 = 1) { random = SeededGenerator(seed: seed) }

    mutating func input(_ shape: [Int], name: String = "input") throws -> TensorReference {
        let dimensions: [JSON] = [.null] + shape.map { .integer($0) }
        let tensor = try add(
            "InputLayer", name, ["batch_shape": .array(dimensions)], [])
        graph.inputs.append(tensor)
        return tensor
    }

    /// Adds a layer with random weights and calls it.
    mutating func add(
        _ className: String, _ name: String, _ configuration: JSON = [:],
        _ inputs: [TensorReference]
    ) throws -> TensorReference {
        let definition = try LayerRegistry.definition(
            className: className, configuration: configuration)
        var layer = Layer(
            path: name.split(separator: "/").map(String.init), className: className,
            configuration: configuration, definition: definition)
        let shapes = try graph.inferShapes()
        let node = Node(layer: graph.layers.count, inputs: inputs)
        for specification in try definition.weights(for: shapes.call(of: node)) {
            let count = specification.shape.reduce(1, *)
            // Variances must be positive; the rest is centred, so that activations cut.
            let values = (0..<count).map { _ in
                specification.role == "moving_variance"
                    ? Float.random(in: 0.5...1.5, using: &random)
                    : Float.random(in: -1...1, using: &random)
            }
            layer.weights.append(
                Weight(role: specification.role, shape: specification.shape, values: values))
        }
        graph.layers.append(layer)
        graph.nodes.append(node)
        return TensorReference(node: graph.nodes.count - 1)
    }

    /// Calls a layer again.
    mutating func call(_ name: String, _ inputs: [TensorReference]) -> TensorReference {
        let layer = graph.layers.firstIndex { $0.name == name } ?? 0
        graph.nodes.append(Node(layer: layer, inputs: inputs))
        return TensorReference(node: graph.nodes.count - 1)
    }
}

/// SplitMix64.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
