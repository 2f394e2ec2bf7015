import Execution
import Foundation
import HDF5
import KerasFormat
import Testing

/// What a server does with the product `Execution`.
@Suite("Embedded in a server")
struct EmbeddingTests {
    static let models = ["fashion-resnet", "fashion-vgg", "fashion-mobilenet"]

    static func path(_ name: String) -> String {
        ReferenceModel.directory("").deletingLastPathComponent()
            .appending(path: "models/\(name).h5").path
    }

    static func reference(_ name: String) throws -> ReferenceModel {
        try ReferenceModel(
            path: path(name),
            reference: ReferenceModel.directory("Reference/models/\(name).reference.h5").path)
    }

    /// The example of docs/execution.md.
    @Test func predictsAnyNumberOfSamples() throws {
        let model = try KerasModel.load(path: Self.path("fashion-resnet"))
        let network = try PreparedModel(
            model.graph, batch: 8, options: PreparationOptions(threads: 2))
        let images = [Float](repeating: 0.5, count: 20 * 28 * 28)
        let probabilities = try network.predict(images)
        #expect(probabilities.count == 20 * 10)
        for sample in 0..<20 {
            let sum = probabilities[sample * 10..<sample * 10 + 10].reduce(0, +)
            #expect(abs(sum - 1) < 1e-5)
            #expect(abs(probabilities[sample * 10] - probabilities[0]) < 1e-6)
        }
        #expect(try network.predict([]).isEmpty)
        let error = #expect(throws: ExecutionError.self) { try network.predict([1, 2, 3]) }
        #expect(error?.description == "3 values are no whole number of samples of 784")
    }

    @Test(arguments: models, [false, true])
    func equalsKeras(_ name: String, usesWinograd: Bool) throws {
        let reference = try Self.reference(name)
        for threads in [1, 2] {
            let difference = try reference.worstDifference(
                PreparationOptions(threads: threads, usesWinograd: usesWinograd))
            #expect(difference < 1e-5)
        }
    }

    @Test func goesWinogradsWayWhereItPays() throws {
        let reference = try Self.reference("fashion-vgg")
        func implementations(_ usesWinograd: Bool) throws -> [String] {
            let network = try PreparedModel(
                reference.graph, batch: 2, options: PreparationOptions(usesWinograd: usesWinograd))
            return try network.time(reference.inputs).timings.map(\.implementation)
        }
        #expect(try !implementations(false).contains { $0.contains("wino") })
        let found = try implementations(true)
        // oneDNN has Winograd's way for AVX-512 alone.
        if found.contains(where: { $0.contains("avx512") }) {
            #expect(found.filter { $0.contains("wino") }.count >= 4)
        }
    }

    @Test func runsOnMemoryOfTheCaller() throws {
        let reference = try Self.reference("fashion-mobilenet")
        let network = try PreparedModel(reference.graph, batch: 2)
        let expected = try network.run(reference.inputs)[0]
        var output = [Float](repeating: -1, count: 20)
        try reference.inputs[0].values.withUnsafeBufferPointer { input in
            try output.withUnsafeMutableBufferPointer { try network.run([input], into: [$0]) }
        }
        #expect(output == expected.values)
        let error = #expect(throws: ExecutionError.self) {
            try output.withUnsafeMutableBufferPointer { buffer in
                try network.run([UnsafeBufferPointer(buffer)], into: [buffer])
            }
        }
        #expect(error?.description == "input 1 is prepared for [2, 28, 28, 1], is given 20 values")
        #expect(throws: ExecutionError.self) { try network.run([], into: []) }
    }

    @Test(arguments: models)
    func replicasRunBesideEachOther(_ name: String) async throws {
        let reference = try Self.reference(name)
        let network = try PreparedModel(reference.graph, batch: 2)
        let expected = try network.run(reference.inputs)
        try await withThrowingTaskGroup(of: [Tensor].self) { group in
            for _ in 0..<4 {
                let replica = try network.replica()
                group.addTask {
                    for _ in 0..<10 { _ = try replica.run([Tensor(shape: [2, 28, 28, 1])]) }
                    return try replica.run(reference.inputs)
                }
            }
            for try await outputs in group { #expect(outputs == expected) }
        }
    }

    @Test func refusesWhatIsNotFinite() throws {
        let reference = try Self.reference("fashion-vgg")
        let network = try PreparedModel(
            reference.graph, batch: 1, options: PreparationOptions(refusesNonFinite: true))
        var image = Tensor(shape: [1, 28, 28, 1])
        image.values[3] = .nan
        let error = #expect(throws: ExecutionError.self) { try network.run([image]) }
        #expect(error?.code == .notFinite)
        #expect(error?.description == "input 1 has nan at element 3")
        image.values[3] = 0
        #expect(try network.run([image])[0].shape == [1, 10])
    }
}
