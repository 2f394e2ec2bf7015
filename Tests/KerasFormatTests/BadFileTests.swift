import Foundation
import ModelGraph
import OrderedJSON
import Testing

@testable import KerasFormat

@Suite struct BadFileTests {
    /// What reading a file says, without its name.
    static func sentence(_ path: String, topology: Topology? = nil) throws -> String {
        let error = try #require(throws: KerasError.self) {
            try KerasModel.read(path: path, topology: topology)
        }
        #expect(error.file.hasPrefix(path))
        return String(error.description.dropFirst(path.count + 2))
    }

    static func sentence(bytes: [UInt8]) throws -> String {
        let directory = try TemporaryDirectory()
        try Data(bytes).write(to: URL(filePath: directory.path("file")))
        return try sentence(directory.path("file"))
    }

    @Test func whatIsNoModel() throws {
        let directory = try TemporaryDirectory()
        #expect(try Self.sentence(directory.path("none")) == "there is no such file")
        #expect(try Self.sentence(directory.url.path) == "this is a directory, not a model file")
        #expect(try Self.sentence(bytes: []) == "the file is empty")
        #expect(
            try Self.sentence(bytes: Array("hello".utf8))
                == "this is neither an HDF5 file nor a .keras archive")
        #expect(
            try Self.sentence(bytes: Array("{}".utf8))
                == "this is JSON text; a topology without weights is no model")
    }

    @Test(arguments: [0.1, 0.5, 0.9])
    func aFileThatIsCutOff(share: Double) throws {
        for name in ["sequential-keras3.h5", "sequential-keras3.keras"] {
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: Reference.path(name))))
            let sentence = try Self.sentence(
                bytes: Array(bytes.prefix(Int(Double(bytes.count) * share))))
            #expect(!sentence.isEmpty)
            if name.hasSuffix("keras") {
                #expect(
                    sentence == "the archive has no directory: it is cut off or no zip archive")
            }
        }
    }

    /// An archive of those entries, perhaps changed afterwards.
    static func archive(
        _ entries: [(String, [UInt8])], change: (inout [UInt8]) -> Void = { _ in }
    ) throws -> String {
        let directory = try TemporaryDirectory()
        let file = try PendingFile(for: directory.path("made"), overwrite: false)
        var archive = try ArchiveWriter(file)
        for (name, content) in entries {
            try content.withUnsafeBytes { try archive.add(name, $0) }
        }
        try archive.finish()
        archive.close()
        try file.commit()
        var bytes = try [UInt8](Data(contentsOf: URL(filePath: directory.path("made"))))
        change(&bytes)
        return try sentence(bytes: bytes)
    }

    @Test func archivesThatAreNone() throws {
        #expect(
            try Self.archive([("a", [1])])
                == "this is a zip archive without 'config.json', so no model")
        #expect(
            try Self.archive([("config.json", [1])])
                == "this is a zip archive without 'model.weights.h5', so no model")
        #expect(
            try Self.archive([("../config.json", [1])])
                == "the archive has an entry whose name leads elsewhere: '../config.json'")
        #expect(
            try Self.archive([("/config.json", [1])])
                == "the archive has an entry whose name leads elsewhere: '/config.json'")
        #expect(
            try Self.archive([("a", [1]), ("a", [2])])
                == "a: the archive has two entries of this name")
        #expect(
            try Self.archive([("config.json", [1]), ("model.weights.h5", [1, 2, 3])])
                .contains("model.weights.h5"))
    }

    @Test func archivesThatWereChanged() throws {
        let entries: [(String, [UInt8])] = [
            ("config.json", [1, 2]), ("model.weights.h5", [7, 7]),
        ]
        // The first entry of the directory stands behind the second content, which starts at 128.
        let directory = 130
        #expect(
            try Self.archive(entries) { $0[128] = 8 }
                == "model.weights.h5: the checksum does not fit the content")
        #expect(
            try Self.archive(entries) { $0[directory + 8] |= 1 } == "config.json: this is encrypted"
        )
        #expect(
            try Self.archive(entries) { $0[directory + 10] = 99 }
                == "config.json: this is packed in an unknown way (99)")
        #expect(
            try Self.archive(entries) {
                $0[directory + 10] = 8
                $0[directory + 27] = 0x70
            } == "config.json: this claims 1879048194 bytes and stores 2")
        #expect(
            try Self.archive(entries) { $0[directory + 42] = 9 }
                == "config.json: this is not where the archive's directory says")
    }

    @Test func weightsOfAnotherShape() throws {
        let path = Reference.path("sequential-keras3.weights.h5")
        let text = try String(
            contentsOfFile: Reference.path("sequential-keras3.json"), encoding: .utf8)
        let wider = text.replacing("\"units\": 3", with: "\"units\": 4")
        #expect(
            try Self.sentence(path, topology: try Topology(text: wider.utf8, file: "t.json"))
                == "layers/dense/vars/0: layer 'dense' expects kernel of shape [96, 4], the file has [96, 3]"
        )
        let biased = text.replacing("\"use_bias\": false", with: "\"use_bias\": true")
        #expect(
            try Self.sentence(path, topology: try Topology(text: biased.utf8, file: "t.json"))
                == "layers/conv2d: layer 'conv' expects 2 weights (kernel, bias), the file has 1")
    }

    @Test func weightsThatAreNoNumbers() throws {
        var model = try KerasModel.read(path: Reference.path("sequential-keras3.h5"))
        try model.checkFinite()
        let layer = try #require(model.graph.layers.firstIndex { $0.name == "dense" })
        var values = model.graph.layers[layer].weights[0].floats()
        values[3 * 70 + 2] = .nan
        model.graph.layers[layer].weights[0] = model.graph.layers[layer].weights[0]
            .replacing(values: values)
        let error = try #require(throws: KerasError.self) { try model.checkFinite() }
        #expect(error.code == .notFinite)
        #expect(error.path == "model_weights/dense/sequential/dense/kernel")
        #expect(
            error.reason
                == "the kernel of layer 'dense' is infinite or not a number at [70, 2]")
    }

    @Test(arguments: [ElementType.float16, .bfloat16, .float32, .float64])
    func everySpecialNumberIsFound(type: ElementType) {
        for count in [1, 15, 64, 100, 257] {
            let finite = Weight(
                role: "w", shape: [count], values: Array(repeating: 1.5, count: count))
            for place in [0, count / 2, count - 1] {
                for special in [Float.nan, .infinity, -.infinity] {
                    var values = Array(repeating: Float(1.5), count: count)
                    values[place] = special
                    var typed = finite
                    typed.elementType = type
                    let weight = typed.replacing(values: values)
                    #expect(FiniteScan.firstSpecial(in: weight.storage.bytes, type: type) == place)
                }
            }
        }
    }
}
