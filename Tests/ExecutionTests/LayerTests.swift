import Execution
import Foundation
import ModelGraph
import Testing

@Suite("Every layer class gives what Keras gives")
struct LayerTests {
    /// Keras 3.15 on TensorFlow sums cumulative sums in its sparsemax, so that its outputs do not add up to 1.
    static let kerasErrs: Set = ["activation_sparsemax"]
    /// Settings that ModelGraph refuses.
    static let refused: Set = ["bidirectional_unlike", "ops_reshape"]

    static let names = ReferenceModel.layerNames.filter {
        !kerasErrs.contains($0) && !refused.contains($0)
    }

    @Test(arguments: names, [true, false])
    func equalsKeras(_ name: String, optimizes: Bool) throws {
        let model = try ReferenceModel(
            path: ReferenceModel.directory("Reference/layers/\(name).h5").path)
        let options = PreparationOptions(optimizes: optimizes)
        guard let unknown = model.graph.layers.first(where: { $0.definition is OpaqueLayer }) else {
            #expect(try model.worstDifference(options) < 1e-5)
            return
        }
        // A class without rules cannot be run, and the error names the layer.
        let error = #expect(throws: ExecutionError.self) { try model.worstDifference(options) }
        #expect(error?.code == .unsupported)
        #expect(error?.layer == unknown.name)
    }

    @Test func sparsemaxAddsUpToOne() throws {
        let model = try ReferenceModel(
            path: ReferenceModel.directory("Reference/layers/activation_sparsemax.h5").path)
        let prepared = try PreparedModel(model.graph, batch: 2)
        let output = try prepared.run(model.inputs)[0]
        for row in 0..<6 {
            let sum = output.values[row * 6..<row * 6 + 6].reduce(0, +)
            #expect(abs(sum - 1) < 1e-6)
        }
    }
}
