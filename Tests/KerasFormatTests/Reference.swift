import Foundation
import KerasFormat
import ModelGraph
import OrderedCollections
import OrderedJSON

/// Files that Keras wrote, and what Keras says of them; see `Tests/Reference/keras-files/make_files.py`.
enum Reference {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Reference/keras-files")

    static func path(_ name: String) -> String { directory.appending(path: name).path }

    /// A weight as Keras describes it.
    struct Entry: Hashable {
        var shape: [Int]
        var type: String
        var crc32: Int
    }

    /// The layers with weights of a model, by their name, with the weights in Keras's order.
    static func layers(of model: String) throws -> [String: [Entry]] {
        let data = try Data(contentsOf: directory.appending(path: "expected.json"))
        let json = try JSON(parsing: data)
        var layers: [String: [Entry]] = [:]
        for (name, weights) in json[model]?.object ?? [:] {
            layers[name] = (weights.array ?? []).map {
                Entry(
                    shape: ($0["shape"]?.array ?? []).compactMap(\.integer),
                    type: $0["type"]?.string ?? "", crc32: $0["crc32"]?.integer ?? -1)
            }
        }
        return layers
    }

    /// The same of a graph.
    static func layers(of graph: ModelGraph) -> [String: [Entry]] {
        var layers: [String: [Entry]] = [:]
        for layer in graph.layers where !layer.weights.isEmpty {
            layers[layer.name] = layer.weights.map { weight in
                var checksum = CRC32()
                weight.forEachBlock { bytes, _ in checksum.update(bytes) }
                return Entry(
                    shape: weight.shape, type: weight.elementType.rawValue,
                    crc32: Int(checksum.value))
            }
        }
        return layers
    }
}

/// CRC-32 as zlib computes it.
struct CRC32 {
    private var state: UInt32 = .max

    var value: UInt32 { ~state }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
        }
    }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8
        }
    }
}

/// A directory that is removed with the object.
final class TemporaryDirectory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "espalier-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String { url.appending(path: name).path }

    /// The names of all files in it.
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
