import Execution
import Foundation
import ModelGraph
import OrderedJSON
import Testing

/// A small network with the outputs that Keras computed for it.
struct Fixture {
    var graph: ModelGraph
    var inputs: [Tensor]
    var expected: [Tensor]

    /// Reads `Fixtures/<name>.json`, which `Fixtures/make_fixtures.py` wrote.
    init(_ name: String) throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/\(name).json")
        let json = try JSON(parsing: Array(Data(contentsOf: url)))
        var layers: [Layer] = []
        for layer in json["layers"]?.array ?? [] {
            let className = try #require(layer["class"]?.string)
            let configuration = try #require(layer["config"])
            layers.append(
                Layer(
                    path: [try #require(layer["name"]?.string)], className: className,
                    configuration: configuration,
                    definition: try LayerRegistry.definition(
                        className: className, configuration: configuration),
                    weights: try (layer["weights"]?.array ?? []).map { weight in
                        let tensor = try Fixture.tensor(weight)
                        return Weight(
                            role: try #require(weight["role"]?.string), shape: tensor.shape,
                            values: tensor.values)
                    }))
        }
        let nodes = try (json["nodes"]?.array ?? []).map { node in
            Node(
                layer: try #require(node["layer"]?.integer),
                inputs: (node["inputs"]?.array ?? []).compactMap(\.integer)
                    .map { TensorReference(node: $0) })
        }
        func references(_ key: String) -> [TensorReference] {
            (json[key]?.array ?? []).compactMap(\.integer).map { TensorReference(node: $0) }
        }
        graph = ModelGraph(
            name: name, layers: layers, nodes: nodes, inputs: references("inputs"),
            outputs: references("outputs"))
        // The classes name their weights; Keras stores them in the same order.
        let shapes = try graph.inferShapes()
        for node in graph.nodes {
            let roles = try graph.layers[node.layer].definition.weights(
                for: shapes.call(of: node))
            try #require(roles.count == graph.layers[node.layer].weights.count)
            for (index, role) in roles.enumerated() {
                graph.layers[node.layer].weights[index].role = role.role
            }
        }
        inputs = try (json["given"]?.array ?? []).map(Fixture.tensor)
        expected = try (json["expected"]?.array ?? []).map(Fixture.tensor)
    }

    private static func tensor(_ json: JSON) throws -> Tensor {
        Tensor(
            shape: (json["shape"]?.array ?? []).compactMap(\.integer),
            values: (json["values"]?.array ?? []).compactMap(\.double).map(Float.init))
    }
}

/// The largest difference relative to the largest reference value; infinite where shapes differ or a number is not finite.
func difference(_ tensor: Tensor, _ reference: Tensor) -> Float {
    guard tensor.shape == reference.shape, tensor.values.count == reference.values.count else {
        return .infinity
    }
    var (largest, scale) = (Float(0), Float.leastNormalMagnitude)
    for (value, expected) in zip(tensor.values, reference.values) {
        let difference = abs(value - expected)
        guard difference.isFinite else { return .infinity }
        largest = max(largest, difference)
        scale = max(scale, abs(expected))
    }
    return largest / scale
}
