import Execution
import Foundation
import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

/// One convolution's fit against numpy's; see `Fixtures/make_convolution_fit.py`.
@Suite struct ConvolutionFitTests {
    private let fixture: JSON

    init() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/convolution_fit.json")
        fixture = try JSON(parsing: Array(Data(contentsOf: url)))
    }

    private func values(_ name: String) throws -> [Double] {
        try #require(fixture[name]?.array).compactMap(\.double)
    }

    private func floats(_ name: String) throws -> [Float] { try values(name).map { Float($0) } }

    private func isClose(_ found: [Float], _ expected: [Double]) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { abs(Double($0) - $1) <= 1e-3 }
    }

    @Test func kernelBiasAndErrorAreNumpys() throws {
        var builder = NetworkBuilder()
        let input = try builder.input([6, 6, 3])
        let first = try builder.add(
            "Conv2D", "first", ["filters": 4, "kernel_size": [1, 1], "activation": "relu"], [input])
        builder.graph.outputs = [
            try builder.add(
                "Conv2D", "second", ["filters": 3, "kernel_size": [3, 3], "padding": "same"],
                [first])
        ]
        for (layer, kernel, bias) in [("first", "k1", "b1"), ("second", "k2", "b2")] {
            let (weights, summands) = (try floats(kernel), try floats(bias))
            builder.graph.change(layer, "kernel") { $0 = weights }
            builder.graph.change(layer, "bias") { $0 = summands }
        }
        let model = try PrunableModel(builder.graph)
        let pruned = try model.pruned(by: try model.plan(removing: [2], of: "first"))
        let samples = MemorySamples([Tensor(shape: [40, 6, 6, 3], values: try floats("x"))])
        var options = Reconstruction.Options()
        options.sparesClipped = false
        let result = try Reconstruction(model, pruned: pruned, samples: samples, options: options)
            .fitted(pruned.graph)
        let layer = try #require(result.graph.layers.first { $0.name == "second" })
        #expect(isClose(try #require(layer.weight("kernel")).floats(), try values("kernel")))
        #expect(isClose(try #require(layer.weight("bias")).floats(), try values("bias")))
        let fit = try #require(result.layers.first { $0.layer == "second" })
        // Those below do equally well; which of them is best is a matter of rounding.
        #expect(try #require(fit.ridge) <= max(1e-4, try values("ridge")[0]))
        #expect(abs(fit.errorAfter - (try values("error")[0])) <= 1e-5)
        #expect(fit.rows == 40 * 36 && fit.errorBefore > fit.errorAfter)
    }
}
