import ModelGraph
import OrderedCollections
import OrderedJSON
import Testing

@Suite struct OperationShapesTests {
    /// Keras's stored argument, with tensors numbered in the order in which they stand there.
    static func argument(_ json: JSON, _ tensors: inout Int) -> Argument {
        if json == "T" {
            tensors += 1
            return .tensor(TensorReference(node: tensors - 1))
        }
        guard let elements = json.array, json.text().contains("\"T\"") else {
            return .constant(json)
        }
        return .list(elements.map { argument($0, &tensors) })
    }

    private func call(_ line: JSON) -> LayerCall {
        var tensors = 0
        let arguments = (line["arguments"]?.array ?? []).map { Self.argument($0, &tensors) }
        var keywords = OrderedDictionary<String, Argument>()
        for (key, value) in line["keywords"]?.object ?? [:] {
            keywords[key] = Self.argument(value, &tensors)
        }
        let inputs = (line["input_shapes"]?.array ?? []).map { Shape($0) }
        return LayerCall(inputs: inputs, arguments: arguments, keywords: keywords)
    }

    /// Operations that are carried through without rules of their own.
    private static let unknown: Set = [
        "Normalize", "Resize", "Repeat", "Tile", "DepthToSpace", "SpaceToDepth", "Flip", "Stack",
    ]

    @Test(arguments: KerasTable.lines("operations"))
    func shapesAreKeras(_ line: JSON) throws {
        let name = try #require(line["class_name"]?.string)
        let definition = try LayerRegistry.definition(
            className: "operation:" + name, configuration: line["config"] ?? [:])
        #expect((definition is OpaqueLayer) == Self.unknown.contains(name), "\(name)")
        guard !(definition is OpaqueLayer) else { return }
        let outputs = (line["output_shapes"]?.array ?? []).map { Shape($0) }
        #expect(
            try definition.outputs(of: call(line)) == outputs, Comment(rawValue: line.text()))
    }

    @Test func keras2FunctionsAreOperations() throws {
        let sum = try LayerRegistry.definition(
            className: "TFOpLambda", configuration: ["function": "math.add"], generation: .two)
        #expect(sum is ArithmeticOperation)
        let call = LayerCall(
            inputs: [[nil, 4, 8]], keywords: ["y": .constant(2.5), "name": .constant(nil)])
        #expect(try sum.outputs(of: call) == [[nil, 4, 8]])
        let mean = try LayerRegistry.definition(
            className: "TFOpLambda", configuration: ["function": "math.reduce_mean"],
            generation: .two)
        let reduction = LayerCall(
            inputs: [[nil, 4, 5, 8]],
            keywords: ["axis": .constant([1, 2]), "keepdims": .constant(true)])
        #expect(try mean.outputs(of: reduction) == [[nil, 1, 1, 8]])
        let other = try LayerRegistry.definition(
            className: "TFOpLambda", configuration: ["function": "math.bessel_i0"])
        #expect(other is OpaqueLayer)
    }
}
