import Execution
import Foundation
import HDF5
import KerasFormat
import ModelGraph

/// A model that Keras wrote, with inputs and what Keras computed for them.
struct ReferenceModel {
    var graph: ModelGraph
    var inputs: [Tensor]
    var expected: [Tensor]

    /// Reads a model and its group `espalier_reference`, which `Tests/Reference` describes.
    ///
    /// - Parameter reference: the file with the group; nil if it is the model's own.
    init(path: String, reference: String? = nil) throws {
        graph = try KerasModel.read(path: path).graph
        let file = try HDF5File(reading: reference ?? path)
        func tensors(_ kind: String) throws -> [Tensor] {
            var tensors: [Tensor] = []
            let group = "espalier_reference/\(kind)/"
            while try file.root.exists(group + "\(tensors.count)") {
                let dataset = try file.root.dataset(group + "\(tensors.count)")
                tensors.append(
                    Tensor(shape: dataset.shape, values: try dataset.array(of: Float.self)))
            }
            return tensors
        }
        inputs = try tensors("inputs")
        expected = try tensors("outputs")
    }

    /// The largest relative difference of our outputs to Keras's.
    func worstDifference(_ options: PreparationOptions) throws -> Float {
        let model = try PreparedModel(
            graph, inputShapes: inputs.map(\.shape), options: options)
        let outputs = try model.run(inputs)
        guard outputs.count == expected.count else { return .infinity }
        return zip(outputs, expected).map { difference($0, $1) }.max() ?? .infinity
    }

    /// The directory of a test, by the file that asks.
    static func directory(_ path: String, from file: String = #filePath) -> URL {
        URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: path)
    }

    /// The models of `Tests/Reference/layers` by name.
    static let layerNames: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: directory("Reference/layers").path)
        return (names ?? []).filter { $0.hasSuffix(".h5") }.map { String($0.dropLast(3)) }.sorted()
    }()
}
