import Archive
import ModelGraph
package import OrderedJSON

/// A topology document: what `model.to_json()` gives, or the `config.json` of a `.keras` file.
package struct Topology: Hashable, Sendable {
    package var document: JSON
    /// Where it comes from, for errors.
    package var file: String

    /// Longer documents are refused.
    static let largestByteCount = 1 << 28

    init(document: JSON, file: String) {
        self.document = document
        self.file = file
    }

    /// Reads a document from its text.
    ///
    /// - Throws: ``KerasError`` with `topology` if it is not JSON.
    package init(text: some Sequence<UInt8>, file: String, path: String = "") throws(KerasError) {
        do {
            document = try JSON(parsing: text)
        } catch { throw KerasError(.topology, file: file, path: path, "\(error)") }
        self.file = file
    }

    /// Which Keras wrote it: by the version that stands in it or beside it, else by its spelling.
    ///
    /// - Parameter version: the version that the file around it names.
    func generation(version: String?) -> KerasGeneration {
        if let version = version ?? document["keras_version"]?.string {
            return KerasGeneration(version: version)
        }
        return Topology.isSpelledAsKeras3(document) ? .three : .two
    }

    private static func isSpelledAsKeras3(_ model: JSON) -> Bool {
        guard let layers = model["config"]?["layers"]?.array else { return false }
        return layers.contains { layer in
            layer["inbound_nodes"]?[0]?["args"] != nil || layer["config"]?["batch_shape"] != nil
                || layer["config"]?["dtype"]?["class_name"]?.string == "DTypePolicy"
        }
    }
}

extension Topology {
    /// Reads a topology from a file: the text of `to_json()`, or a model's file, whose topology is taken.
    ///
    /// - Throws: ``KerasError`` with `notFound`, `io`, `topology`, and what reading a model throws.
    package init(reading path: String) throws(KerasError) {
        let mapping = try MappedFile(path)
        let start = mapping.bytes.prefix(64).first { !$0.isASCIISpace }
        if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") {
            guard mapping.bytes.count <= Self.largestByteCount else {
                throw KerasError(.tooLarge, file: path, "a topology of that size is none")
            }
            try self.init(text: mapping.bytes, file: path)
            return
        }
        let found = try KerasError.wrapping(path) { try KerasSource.open(path).topology() }
        guard let found else {
            throw KerasError(.topology, file: path, "the file holds no topology")
        }
        self = found
    }
}

extension UInt8 {
    /// Whether it is a space, a tab or the end of a line.
    fileprivate var isASCIISpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
