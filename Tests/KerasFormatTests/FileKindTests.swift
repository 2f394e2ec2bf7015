import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

@Suite struct FileKindTests {
    /// A file, the model it holds, and where its topology stands if it holds weights alone.
    struct File: CustomStringConvertible, Sendable {
        var name: String
        var model: String
        var kind: KerasFileKind
        var topology: String? { kind.hasTopology ? nil : "\(model).json" }
        var description: String { name }

        func read() throws -> KerasModel {
            try KerasModel.read(
                path: Reference.path(name),
                topology: try topology.map { try Topology(reading: Reference.path($0)) })
        }
    }

    static let files: [File] = ["nested", "sequential", "deep"].flatMap { name in
        [2, 3].flatMap { generation in
            let model = "\(name)-keras\(generation)"
            let legacy = File(
                name: "\(model)-legacy.h5", model: model, kind: .legacyWeightsH5)
            return [
                File(name: "\(model).h5", model: model, kind: .wholeModelH5),
                File(name: "\(model).keras", model: model, kind: .keras),
                File(name: "\(model).weights.h5", model: model, kind: .weightsH5),
            ] + (generation == 2 ? [legacy] : [])
        }
    }

    @Test(arguments: files)
    func everyKindHoldsWhatKerasSays(file: File) throws {
        let model = try file.read()
        #expect(model.kind == file.kind)
        #expect(model.generation == (file.model.hasSuffix("3") ? .three : .two))
        #expect(Reference.layers(of: model.graph) == (try Reference.layers(of: file.model)))
    }

    @Test(arguments: files, KerasFileKind.allCases)
    func everyKindBecomesEveryOther(file: File, kind: KerasFileKind) throws {
        let directory = try TemporaryDirectory()
        let model = try file.read()
        try model.write(
            to: directory.path("copy"), as: kind, compression: .deflate(level: 3))
        #expect(try directory.names == ["copy"])
        let topology = kind.hasTopology ? nil : Reference.path("\(file.model).json")
        let copy = try KerasModel.read(
            path: directory.path("copy"),
            topology: try topology.map { try Topology(reading: $0) })
        #expect(copy.kind == kind)
        #expect(copy.generation == model.generation)
        #expect(Reference.layers(of: copy.graph) == (try Reference.layers(of: file.model)))
        #expect(copy.graph.nodes == model.graph.nodes)
        #expect(copy.graph.outputs == model.graph.outputs)
    }

    @Test func anArchiveKeepsWhatIsNotUnderstood() throws {
        let directory = try TemporaryDirectory()
        let model = try KerasModel.read(path: Reference.path("nested-keras3.keras"))
        #expect(model.notes.prefix(2).map(\.kind) == [.optimizerState, .compileInformation])
        try model.write(to: directory.path("copy.keras"))
        let copy = try KerasModel.read(path: directory.path("copy.keras"))
        #expect(copy.notes.allSatisfy { $0.kind == .unknownLayer })
        #expect(copy.topology["compile_config"] == nil)
        var topology = model.topology
        topology["compile_config"] = nil
        #expect(copy.topology == topology)
    }

    @Test func aTopologyIsAskedForAndRefusedWhereItStandsInTheFile() throws {
        let weights = Reference.path("deep-keras3.weights.h5")
        let missing = try #require(throws: KerasError.self) {
            try KerasModel.read(path: weights)
        }
        #expect(
            missing.description
                == "\(weights): the file holds weights alone; name its topology (the text of "
                + "to_json(), or a model with the same topology)")
        let whole = Reference.path("deep-keras3.h5")
        let needless = try #require(throws: KerasError.self) {
            try KerasModel.read(path: whole, topology: try Topology(reading: whole))
        }
        #expect(
            needless.description
                == "\(whole): the file has a topology of its own; leave out the other"
        )
    }
}
