import Foundation
import ModelGraph
import OrderedJSON
import Testing

/// What Keras layers make of constant channels, written by `Fixtures/make_constants.py`.
enum ConstantTable {
    static let json: JSON = {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/constants.json")
        guard let data = try? Data(contentsOf: path), let json = try? JSON(parsing: data) else {
            return .null
        }
        return json
    }()

    static func lines(_ key: String) -> [JSON] { json[key]?.array ?? [] }
}

extension JSON {
    /// A list of numbers as float32.
    var floats: [Float] { (array ?? []).compactMap { $0.double.map { Float($0) } } }
}

@Suite struct ConstantFlowTests {
    private func definition(_ line: JSON) throws -> any LayerDefinition {
        try LayerRegistry.definition(
            className: try #require(line["class_name"]?.string),
            configuration: line["config"] ?? [:])
    }

    private func weights(
        _ line: JSON, _ definition: any LayerDefinition, _ call: LayerCall
    ) throws -> [Weight] {
        let stored = line["weights"]?.array ?? []
        let specifications = try definition.weights(for: call)
        #expect(specifications.count == stored.count)
        return zip(specifications, stored).map { specification, weight in
            Weight(
                role: specification.role, shape: specification.shape,
                values: (weight[2] ?? []).floats)
        }
    }

    @Test func tableIsThere() {
        #expect(ConstantTable.lines("folding").count > 25)
        #expect(ConstantTable.lines("emission").count > 60)
    }

    /// The shift of the bias is what the constants make, up to the edge that is admitted.
    @Test(arguments: ConstantTable.lines("folding"))
    func foldingsAreKeras(_ line: JSON) throws {
        let definition = try definition(line)
        let axis = try #require(line["axis"]?.integer)
        let call = LayerCall(inputs: [Shape(line["input_shape"] ?? [])])
        let channels = (line["constants"]?.array ?? []).map { value -> Emission in
            value.double.map { .constant(Float($0)) } ?? .live
        }
        let foldings = definition.fold(
            EmissionCall(
                call: call, outputShapes: try definition.outputs(of: call),
                inputs: [TensorEmission(axis: axis, channels: channels)], removedOutputs: [nil],
                weights: try weights(line, definition, call)))
        let folding = try #require(foldings.first)
        #expect(foldings.count == 1 && folding.role == "bias" && folding.offset == 0)
        let name = Comment(rawValue: "\(line["class_name"] ?? nil) \(line["config"] ?? nil)")
        let isPlain = !(definition is TransposedConvolution)
        for (output, middle) in (line["middle"] ?? []).floats.enumerated() {
            let low = try #require(line["low"]?.floats[output])
            let high = try #require(line["high"]?.floats[output])
            let (shift, edge) = (folding.shift[output], folding.edge[output] + 2e-5)
            #expect(shift - edge <= low && high <= shift + edge, name)
            if isPlain { #expect(abs(shift - middle) < 2e-5, name) }
        }
        // Where nothing can differ, nothing is admitted.
        let width = zip((line["low"] ?? []).floats, (line["high"] ?? []).floats)
            .reduce(Float(0)) { max($0, $1.1 - $1.0) }
        if width < 1e-5 { #expect(folding.edge.allSatisfy { $0 == 0 }, name) }
    }

    /// A constant comes out as the constant that is foretold, and strays no farther than is admitted.
    @Test(arguments: ConstantTable.lines("emission"))
    func emissionsAreKeras(_ line: JSON) throws {
        let definition = try definition(line)
        let axis = try #require(line["axis"]?.integer)
        let outputAxis = try #require(line["output_axis"]?.integer)
        let edge = Float(try #require(line["edge"]?.double))
        let shapes = (line["input_shapes"]?.array ?? []).map { Shape($0) }
        let call = LayerCall(inputs: shapes)
        let inputs = zip(shapes, line["constants"]?.array ?? []).map { shape, constants in
            TensorEmission(
                axis: shape.rank - shapes[0].rank + axis,
                channels: constants.floats.map { .constant($0, edge: edge) })
        }
        let outputs = try definition.outputs(of: call)
        #expect(outputs == [Shape(line["output_shape"] ?? [])])
        let count = try #require(outputs[0][outputAxis])
        let emitted = definition.emit(
            EmissionCall(
                call: call, outputShapes: outputs, inputs: inputs,
                removedOutputs: [(outputAxis, Array(repeating: true, count: count))],
                weights: try weights(line, definition, call)))
        let name = Comment(
            rawValue: "\(line["class_name"] ?? nil) \(line["config"] ?? nil) \(shapes)")
        let emission = try #require(emitted.first)
        #expect(emission.axis == outputAxis && emission.channels.count == count, name)
        for (channel, emission) in emission.channels.enumerated() {
            guard case .constant(let value, let reach) = emission else {
                Issue.record("channel \(channel) is \(emission): \(name)")
                continue
            }
            let middle = try #require(line["middle"]?.floats[channel])
            let low = try #require(line["low"]?.floats[channel])
            let high = try #require(line["high"]?.floats[channel])
            // A norm divides what rounding leaves of a variance of zero by the root of its epsilon.
            let precision: Float = definition is GroupNormalization ? 2e-4 : 2e-5
            let slack = precision * max(1, abs(value) + reach)
            #expect(abs(value - middle) <= slack, name)
            #expect(value - reach - slack <= low && high <= value + reach + slack, name)
        }
    }

    /// A gate that stays alive makes a constant unknown, unless the constant is exactly zero.
    @Test func liveOperandsLeaveOnlyZeroKnown() throws {
        let product = try LayerRegistry.definition(className: "Multiply", configuration: [:])
        let sum = try LayerRegistry.definition(className: "Add", configuration: [:])
        let call = LayerCall(inputs: [[nil, 5, 3], [nil, 5, 1]])
        let emission = EmissionCall(
            call: call, outputShapes: [[nil, 5, 3]],
            inputs: [
                TensorEmission(axis: 2, channels: [.constant(0), .constant(2), .live]),
                TensorEmission(),
            ],
            removedOutputs: [(2, [true, true, false])], weights: [])
        #expect(product.emit(emission)[0].channels == [.constant(0), .unknown, .live])
        #expect(sum.emit(emission)[0].channels == [.unknown, .unknown, .live])
    }

    /// Units of recurrent layers are zero when nothing makes them, unless their activation is not zero there.
    @Test func unmadeUnitsAreZero() throws {
        let call = LayerCall(inputs: [[nil, 5, 3]])
        func emitted(_ className: String, _ settings: JSON) throws -> [Emission] {
            let definition = try LayerRegistry.definition(
                className: className, configuration: settings)
            let outputs = try definition.outputs(of: call)
            return definition.emit(
                EmissionCall(
                    call: call, outputShapes: outputs, inputs: [TensorEmission()],
                    removedOutputs: [(outputs[0].rank - 1, [true, false])], weights: []))[0]
                .channels
        }
        for className in ["LSTM", "GRU", "SimpleRNN"] {
            #expect(try emitted(className, ["units": 2]) == [.constant(0), .live])
            let sigmoid: JSON = ["units": 2, "activation": "sigmoid"]
            #expect(try emitted(className, sigmoid) == [.unknown, .live])
        }
        #expect(try emitted("Embedding", ["input_dim": 9, "output_dim": 2])[0] == .constant(0))
    }

    @Test func numbersOutOfRangeAreUnknown() throws {
        let exponential = try LayerRegistry.definition(
            className: "Activation", configuration: ["activation": "exponential"])
        let emission = EmissionCall(
            call: LayerCall(inputs: [[nil, 1]]), outputShapes: [[nil, 1]],
            inputs: [TensorEmission(axis: 1, channels: [.constant(1000)])],
            removedOutputs: [(1, [true])], weights: [])
        #expect(exponential.emit(emission)[0].channels == [.unknown])
    }
}
