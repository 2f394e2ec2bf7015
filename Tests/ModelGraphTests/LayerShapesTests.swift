import Foundation
import ModelGraph
import OrderedCollections
import OrderedJSON
import Testing

/// What Keras makes of many layers, written by `Fixtures/make_shapes.py`.
enum KerasTable {
    static let json: JSON = {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/layer_shapes.json")
        guard let data = try? Data(contentsOf: path), let json = try? JSON(parsing: data) else {
            return .null
        }
        return json
    }()

    static func lines(_ key: String) -> [JSON] { json[key]?.array ?? [] }
}

extension Shape {
    init(_ json: JSON) { self.init((json.array ?? []).map(\.integer)) }
}

@Suite struct LayerShapesTests {
    @Test func everyLayerIsThere() { #expect(KerasTable.lines("layers").count > 300) }

    @Test(arguments: KerasTable.lines("layers"))
    func shapesAndWeightsAreKeras(_ line: JSON) throws {
        let className = try #require(line["class_name"]?.string)
        let definition = try LayerRegistry.definition(
            className: className, configuration: line["config"] ?? [:])
        #expect(!(definition is OpaqueLayer), "\(className) is not known")
        let inputs = (line["input_shapes"]?.array ?? []).map { Shape($0) }
        var keywords = OrderedDictionary<String, Argument>()
        for (key, value) in line["keywords"]?.object ?? [:] { keywords[key] = .constant(value) }
        let call = LayerCall(inputs: inputs, keywords: keywords)
        let comment = Comment(rawValue: line.text())
        let outputs = (line["output_shapes"]?.array ?? []).map { Shape($0) }
        #expect(try definition.outputs(of: call) == outputs, comment)
        let weights = line["weights"]?.array ?? []
        let specifications = try definition.weights(for: call)
        let shapes = weights.map { ($0[1]?.array ?? []).compactMap(\.integer) }
        #expect(specifications.map(\.shape) == shapes, comment)
        for (specification, weight) in zip(specifications, weights) {
            let name = try #require(weight[0]?.string)
            let leaf = name.split(separator: "/").last ?? ""
            let role = specification.role.split(separator: "/").last ?? ""
            #expect(role == leaf || (role == "depthwise_kernel" && leaf == "kernel"), comment)
        }
    }

    @Test(arguments: KerasTable.lines("activations"))
    func activationsAreKeras(_ line: JSON) throws {
        let function = try ActivationFunction(line["activation"] ?? .null)
        let grid = KerasTable.lines("grid").compactMap { $0.double.map { Float($0) } }
        let expected = (line["values"]?.array ?? []).compactMap { $0.double.map { Float($0) } }
        let values = function(grid)
        #expect(values.count == expected.count)
        for (value, truth) in zip(values, expected) {
            #expect(
                abs(value - truth) <= 2e-6 * max(1, abs(truth)), Comment(rawValue: line.text()))
        }
        if function.isElementWise { #expect(grid.map { function($0) } == values) }
    }

    /// The deviation bound holds between all points of the grid.
    @Test(arguments: KerasTable.lines("activations"))
    func deviationsAreBounded(_ line: JSON) throws {
        let function = try ActivationFunction(line["activation"] ?? .null)
        let grid = KerasTable.lines("grid").compactMap { $0.double.map { Float($0) } }
        guard function.isElementWise else { return }
        for x in grid {
            for y in grid {
                let bound = function.deviation(at: x, within: abs(x - y))
                #expect(abs(function(x) - function(y)) <= bound * 1.0001 + 1e-6)
            }
        }
    }

    @Test func oldHardSigmoidIsSteeper() throws {
        let old = try ActivationFunction("hard_sigmoid", generation: .two)
        #expect(old(1) == 0.7)
        #expect(try ActivationFunction("hard_sigmoid")(1) == Float(4) / 6)
        #expect(KerasGeneration(version: "2.13.1") == .two)
        #expect(KerasGeneration(version: "3.15.1-tf") == .three)
        #expect(KerasGeneration(version: nil) == .two)
    }

    @Test func pythonCodeIsRefused() {
        let lambda: JSON = ["class_name": "__lambda__", "config": ["value": "4wEAAAA="]]
        #expect(throws: GraphError.self) { try ActivationFunction(lambda) }
        let custom: JSON = ["class_name": "function", "config": "my_activation"]
        #expect(throws: GraphError.self) { try ActivationFunction(custom) }
    }
}
