import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

@Suite struct WholeModelTests {
    static let models = [
        "nested-keras3", "sequential-keras3", "deep-keras3", "dtypes-keras3", "long_names-keras3",
        "nested-keras2", "sequential-keras2", "deep-keras2",
    ]

    @Test(arguments: models)
    func weightsAreWhatKerasSays(name: String) throws {
        let model = try KerasModel.read(path: Reference.path("\(name).h5"))
        #expect(model.kind == .wholeModelH5)
        #expect(model.generation == (name.hasSuffix("3") ? .three : .two))
        #expect(Reference.layers(of: model.graph) == (try Reference.layers(of: name)))
    }

    @Test(arguments: models)
    func writingLosesNothing(name: String) throws {
        let directory = try TemporaryDirectory()
        let model = try KerasModel.read(path: Reference.path("\(name).h5"))
        try model.write(to: directory.path("copy.h5"))
        #expect(try directory.names == ["copy.h5"])
        let copy = try KerasModel.read(path: directory.path("copy.h5"))
        // Keras forgets in which module an operation is; we say it.
        if name != "nested-keras3" { #expect(copy.topology == model.topology) }
        #expect(copy.notes.allSatisfy { $0.kind == .unknownLayer })
        #expect(Reference.layers(of: copy.graph) == (try Reference.layers(of: name)))
    }

    @Test(arguments: models)
    func twoRunsGiveTheSameBytes(name: String) throws {
        let directory = try TemporaryDirectory()
        for copy in ["a.h5", "b.h5"] {
            try KerasModel.read(path: Reference.path("\(name).h5"))
                .write(to: directory.path(copy), compression: .deflate(level: 6))
        }
        let a = try Data(contentsOf: URL(filePath: directory.path("a.h5")))
        let b = try Data(contentsOf: URL(filePath: directory.path("b.h5")))
        #expect(a == b)
    }

    @Test func whatIsDroppedIsSaid() throws {
        let model = try KerasModel.read(path: Reference.path("nested-keras3.h5"))
        #expect(
            model.notes.prefix(2).map(\.description) == [
                "the compile information in 'training_config' is dropped",
                "the optimizer's state (5460 bytes) in 'optimizer_weights' is dropped",
            ])
    }

    @Test func aFileThatIsThereIsNotReplaced() throws {
        let directory = try TemporaryDirectory()
        let model = try KerasModel.read(path: Reference.path("sequential-keras3.h5"))
        try model.write(to: directory.path("copy.h5"))
        let error = try #require(throws: KerasError.self) {
            try model.write(to: directory.path("copy.h5"))
        }
        #expect(error.code == .exists)
        try model.write(to: directory.path("copy.h5"), overwrite: true)
        #expect(try directory.names == ["copy.h5"])
    }
}
