import ArgumentParser
import Foundation
import KerasFormat
import ModelGraph

/// The options that name a model.
struct ModelOptions: ParsableArguments {
    @Option(
        name: [.long, .short],
        help: "The trained network: .h5, .hdf5, .keras or .weights.h5 of Keras 2 or 3.",
        completion: .file())
    var model: String

    @Option(
        help: ArgumentHelp(
            "The topology of a file that holds weights alone: the text of to_json(), or a model with that topology.",
            valueName: "file"), completion: .file())
    var topology: String?

    @Option(
        help: ArgumentHelp(
            "The size of one input where the model leaves it open, as 224x224x3; once for each input.",
            valueName: "size"))
    var inputShape: [String] = []

    init() {}

    /// Reads the model and refuses weights that are not finite.
    func read() throws -> KerasModel {
        let topology = try self.topology.map { path throws in try Topology(reading: path) }
        var model = try Self.read(self.model, topology: topology)
        try model.checkFinite()
        let shapes = try inputShape.map(Self.shape)
        if !shapes.isEmpty {
            guard shapes.count == model.graph.inputs.count else {
                throw CommandFailure(
                    .usage,
                    "--input-shape stands \(shapes.count) times, the model has \(model.graph.inputs.count) inputs"
                )
            }
            model.graph.assumedInputs = shapes
        }
        return model
    }

    private static func read(_ path: String, topology: Topology?) throws -> KerasModel {
        do {
            return try KerasModel.read(path: path, topology: topology)
        } catch {
            guard error.code == .weightsAlone else { throw error }
            throw CommandFailure(.badData, "\(error); give it by --topology")
        }
    }

    /// Reads `224x224x3`.
    static func shape(_ text: String) throws -> Shape {
        let sizes = text.split(whereSeparator: { "x×,".contains($0) }).map { Int($0) }
        guard !sizes.isEmpty, sizes.allSatisfy({ ($0 ?? 0) > 0 }) else {
            throw CommandFailure(
                .usage, "--input-shape \(text): sizes joined by x are expected, as 224x224x3")
        }
        return Shape([nil] + sizes)
    }
}
