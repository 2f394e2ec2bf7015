import ModelGraph
import OrderedJSON
import Testing

@Suite struct GraphCostsTests {
    /// A convolution with a residual: counted by hand.
    @Test func countsWorkParametersAndMemory() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 2)
        let conv: JSON = ["filters": 4, "kernel_size": [3, 3], "padding": "same"]
        let first = try builder.call("Conv2D", conv, [image])
        let second = try builder.call("Conv2D", conv, [first])
        let sum = try builder.call("Add", [:], [first, second])
        let relu = try builder.call("ReLU", [:], [sum])
        let flat = try builder.call("Flatten", [:], [relu])
        let dense = try builder.call("Dense", ["units": 3], [flat])
        let graph = builder.finish(dense)
        let shapes = try graph.validate()
        let costs = try GraphCosts(graph, shapes: shapes)
        let (a, b) = (3 * 3 * 2 * 4, 3 * 3 * 4 * 4)
        #expect(costs.multiplyAdds == 64 * a + 64 * b + 256 * 3)
        #expect(costs.parameters == a + 4 + b + 4 + 256 * 3 + 3)
        #expect(costs.parameterBytes == costs.parameters * 4)
        #expect(costs.activationBytes == 4 * (128 + 256 * 5 + 3))
        // At the sum both operands and the result are alive.
        #expect(costs.peakActivationBytes == 4 * 256 * 3)
        let frugal = try GraphCosts(graph, shapes: shapes, reusesMemory: true)
        #expect(frugal.peakActivationBytes == 4 * 256 * 2)
    }

    @Test func sharedLayersCountOnce() throws {
        var builder = GraphBuilder()
        let (left, right) = (builder.input(5), builder.input(5))
        let first = try builder.call("Dense", ["units": 7], [left], name: "shared")
        let second = builder.again(first, [right])
        let both = try builder.call("Concatenate", [:], [first, second])
        let graph = builder.finish(both)
        let shapes = try graph.validate()
        let costs = try GraphCosts(graph, shapes: shapes)
        #expect(costs.parameters == 42)
        #expect(costs.multiplyAdds == 70)
        #expect(graph.nodeNames[2...3] == ["shared", "shared@2"])
    }

    @Test func unknownSizesAreAnError() throws {
        var builder = GraphBuilder()
        let image = builder.input(nil, nil, 3)
        let conv = try builder.call("Conv2D", ["filters": 4, "kernel_size": 3], [image])
        let graph = builder.finish(conv)
        #expect(throws: GraphError.self) {
            try GraphCosts(graph, shapes: try graph.validate())
        }
        let shapes = try graph.validate(inputs: [[nil, 10, 10, 3]])
        #expect(try GraphCosts(graph, shapes: shapes).multiplyAdds == 64 * 27 * 4)
    }

    /// Multiply-adds by hand, for classes whose count is not plain.
    @Test func countsSpecialKernels() throws {
        func count(_ className: String, _ configuration: JSON, _ shape: [Int]) throws -> Int {
            var builder = GraphBuilder()
            let input =
                shape.count == 3
                ? builder.input(shape[0], shape[1], shape[2]) : builder.input(shape[0], shape[1])
            let output = try builder.call(className, configuration, [input])
            let graph = builder.finish(output)
            return try GraphCosts(graph, shapes: try graph.validate()).multiplyAdds
        }
        let window: JSON = ["kernel_size": [3, 3], "padding": "same", "depth_multiplier": 2]
        #expect(try count("DepthwiseConv2D", window, [4, 4, 5]) == 16 * 9 * 10)
        var separable = window
        separable["filters"] = 7
        #expect(try count("SeparableConv2D", separable, [4, 4, 5]) == 16 * (9 * 10 + 10 * 7))
        let grouped: JSON = ["filters": 6, "kernel_size": [1, 1], "groups": 2]
        #expect(try count("Conv2D", grouped, [4, 4, 4]) == 16 * 2 * 6)
        let transposed: JSON = ["filters": 6, "kernel_size": [2, 2], "strides": 2]
        #expect(try count("Conv2DTranspose", transposed, [4, 4, 3]) == 16 * 4 * 3 * 6)
        #expect(try count("LSTM", ["units": 3], [5, 2]) == 5 * (2 + 3) * 12)
        #expect(try count("BatchNormalization", [:], [4, 4, 3]) == 0)
    }
}
