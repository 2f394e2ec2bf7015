import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

@Suite("A prepared model")
struct PreparedModelTests {
    @Test func capturesWhatIsFusedElsewhere() throws {
        let fixture = try Fixture("residual")
        let nodes = fixture.graph.nodes.indices.dropFirst().map { TensorReference(node: $0) }
        let plain = try PreparedModel(
            fixture.graph, batch: 2,
            options: PreparationOptions(optimizes: false, captures: nodes)
        ).capture(fixture.inputs).captures
        #expect(plain.count == nodes.count)
        for node in nodes {
            let one = try PreparedModel(
                fixture.graph, batch: 2, options: PreparationOptions(captures: [node])
            ).capture(fixture.inputs)
            let captured = try #require(one.captures[node])
            let expected = try #require(plain[node])
            #expect(difference(captured, expected) < 1e-5)
            #expect(difference(one.outputs[0], fixture.expected[0]) < 1e-5)
        }
    }

    @Test func timesEveryOperation() throws {
        let fixture = try Fixture("mobile")
        let model = try PreparedModel(fixture.graph, batch: 2)
        let (outputs, timings) = try model.time(fixture.inputs)
        #expect(difference(outputs[0], fixture.expected[0]) < 1e-5)
        #expect(timings.allSatisfy { $0.duration > .zero && !$0.implementation.isEmpty })
        let layers = Set(timings.flatMap(\.layers))
        // Dropout does nothing, an input is given, a reshape only names what is there.
        for layer in fixture.graph.layers
        where !["InputLayer", "Dropout", "Reshape"].contains(layer.className) {
            #expect(layers.contains(layer.name))
        }
        #expect(timings.contains { $0.layers.count > 1 && $0.operation == "convolution" })
    }

    @Test func givesTheSameAgain() throws {
        let fixture = try Fixture("residual")
        let model = try PreparedModel(fixture.graph, batch: 2)
        let first = try model.run(fixture.inputs)
        let zeros = fixture.inputs.map { Tensor(shape: $0.shape) }
        #expect(try model.run(zeros) != first)
        #expect(try model.run(fixture.inputs) == first)
    }

    @Test func isSharedBetweenThreads() async throws {
        let fixture = try Fixture("residual")
        let shared = try PreparedModel(fixture.graph, batch: 2)
        let expected = try shared.run(fixture.inputs)
        try await withThrowingTaskGroup(of: [Tensor].self) { group in
            for index in 0..<8 {
                group.addTask {
                    let own = try PreparedModel(fixture.graph, batch: 2)
                    return try (index.isMultiple(of: 2) ? shared : own).run(fixture.inputs)
                }
            }
            for try await outputs in group { #expect(outputs == expected) }
        }
    }

    @Test func takesAnyBatch() throws {
        let fixture = try Fixture("mobile")
        let input = fixture.inputs[0]
        let sample = input.values.count / 2
        let model = try PreparedModel(fixture.graph, batch: 3)
        let outputs = try model.run([
            Tensor(
                shape: [3] + input.shape.dropFirst(),
                values: input.values + input.values[..<sample])
        ])
        for (output, expected) in zip(outputs, fixture.expected) {
            let each = expected.values.count / 2
            let wanted = Tensor(
                shape: [3] + expected.shape.dropFirst(),
                values: expected.values + expected.values[..<each])
            #expect(difference(output, wanted) < 1e-5)
        }
    }

    @Test func usesLessMemoryThanAllTensorsTogether() throws {
        let fixture = try Fixture("residual")
        let model = try PreparedModel(fixture.graph, batch: 2)
        let shapes = try fixture.graph.inferShapes(
            inputs: fixture.inputs.map { Shape($0.shape) })
        let all = shapes.nodes.joined().reduce(0) { sum, shape in
            sum + 8 * (shape.sampleElementCount ?? 0)
        }
        #expect(model.activationByteCount < all / 2)
    }

    @Test func letsNaNThrough() throws {
        let fixture = try Fixture("mobile")
        let model = try PreparedModel(fixture.graph, batch: 2)
        let input = fixture.inputs[0]
        let outputs = try model.run([Tensor(shape: input.shape, repeating: .nan)])
        #expect(outputs.map(\.shape) == fixture.expected.map(\.shape))
    }
}

@Suite("What cannot be run is said")
struct RefusalTests {
    @Test func wrongInputShape() throws {
        let fixture = try Fixture("residual")
        let model = try PreparedModel(fixture.graph, batch: 2)
        let error = #expect(throws: ExecutionError.self) {
            try model.run([Tensor(shape: [2, 13, 11, 4])])
        }
        #expect(
            error?.description
                == "input 1 is prepared for [2, 13, 11, 3], is given 1144 values of shape [2, 13, 11, 4]"
        )
        #expect(throws: ExecutionError.self) { try model.run([]) }
        #expect(throws: ExecutionError.self) {
            try model.run([Tensor(shape: [2, 13, 11, 3], values: [1])])
        }
    }

    @Test func wrongPreparedShape() throws {
        let fixture = try Fixture("residual")
        let error = #expect(throws: ExecutionError.self) {
            try PreparedModel(fixture.graph, inputShapes: [[1, 13, 11, 4]])
        }
        #expect(error?.code == .shape)
        #expect(throws: ExecutionError.self) {
            try PreparedModel(fixture.graph, inputShapes: [])
        }
        #expect(throws: ExecutionError.self) { try PreparedModel(fixture.graph, batch: 0) }
    }

    @Test func tooLargeForMemory() throws {
        let fixture = try Fixture("residual")
        let error = #expect(throws: ExecutionError.self) {
            try PreparedModel(fixture.graph, batch: 1 << 24)
        }
        #expect(error?.code == .memory)
        #expect(error?.description.contains("use a smaller batch or input") == true)
        for batch in [1 << 40, Int.max] {
            #expect(throws: ExecutionError.self) {
                try PreparedModel(fixture.graph, batch: batch)
            }
        }
    }

    @Test func missingWeight() throws {
        var fixture = try Fixture("residual")
        let index = try #require(fixture.graph.layers.firstIndex { $0.className == "Conv2D" })
        fixture.graph.layers[index].weights = []
        let error = #expect(throws: ExecutionError.self) {
            try PreparedModel(fixture.graph, batch: 2)
        }
        #expect(error?.code == .weight)
        #expect(error?.layer == fixture.graph.layers[index].name)
        #expect(
            error?.description
                == "layer '\(fixture.graph.layers[index].name)': has no weight 'kernel'")
    }

    @Test func unknownClass() throws {
        var fixture = try Fixture("residual")
        let index = try #require(fixture.graph.layers.firstIndex { $0.className == "ReLU" })
        fixture.graph.layers[index].definition = OpaqueLayer(className: "Mystery")
        fixture.graph.layers[index].className = "Mystery"
        let error = #expect(throws: ExecutionError.self) {
            try PreparedModel(fixture.graph, batch: 2)
        }
        #expect(
            error?.description
                == "layer '\(fixture.graph.layers[index].name)': the class 'Mystery' cannot be run")
    }
}
