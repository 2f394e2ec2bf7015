import Foundation
import Yams

/// Reads a description of data; the first mistake is refused with file, line and key.
struct DescriptionReader {
    let file: String
    private var description = DataDescription()

    /// More than any description needs.
    private static let maximumBytes = 1 << 18
    /// More classes than any data set has.
    private static let maximumEntries = 50_000

    private init(file: String) { self.file = file }

    /// Reads a file.
    ///
    /// - Throws: ``DatasetError`` with `description`, `notFound`, `io`.
    static func read(path: String) throws(DatasetError) -> DataDescription {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            let number = errno
            let isMissing = number == ENOENT || number == ENOTDIR
            throw DatasetError(
                isMissing ? .notFound : .io(errno: number), file: path,
                "the description cannot be read: \(String(cString: strerror(number)))")
        }
        defer { try? handle.close() }
        guard let bytes = try? handle.read(upToCount: maximumBytes + 1) else {
            throw DatasetError(.description, file: path, "the description cannot be read")
        }
        return try read(bytes, file: path)
    }

    /// Reads a description's bytes, YAML in UTF-8; an empty one says nothing.
    ///
    /// - Throws: ``DatasetError`` with `description`.
    static func read(_ bytes: Data?, file: String) throws(DatasetError) -> DataDescription {
        var reader = DescriptionReader(file: file)
        guard let root = try reader.compose(bytes ?? Data()) else { return reader.description }
        guard case .mapping(let mapping) = root else {
            throw reader.failure(
                root.mark?.line, "", "a description is a list of 'key: value' lines")
        }
        var seen: Set<String> = []
        for (keyNode, value) in mapping {
            let line = keyNode.mark?.line
            guard let key = keyNode.scalar?.string else {
                throw reader.failure(line, "", "a key must be a plain word")
            }
            guard seen.insert(key).inserted else {
                throw reader.failure(line, key, "the key is given twice; keep one of them")
            }
            try reader.take(key, value, line)
        }
        return reader.description
    }

    private func failure(_ line: Int?, _ key: String, _ reason: String) -> DatasetError {
        DatasetError(
            .description, file: file, line: line, place: Self.excerpt(key), reason)
    }

    /// A text from the file, short enough for a message.
    private static func excerpt(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(60)))
    }

    private func compose(_ bytes: Data) throws(DatasetError) -> Node? {
        guard bytes.count <= Self.maximumBytes else {
            throw failure(nil, "", "a description has at most \(Self.maximumBytes) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure(nil, "", "the description is not UTF-8 text; save it as UTF-8")
        }
        // Aliases multiply; nested ones keep the parser itself busy for ever.
        if Self.hasName(after: "&", in: text), Self.hasName(after: "*", in: text) {
            throw failure(nil, "", "anchors and aliases are not allowed; write the values out")
        }
        do {
            let parser = try Parser(
                yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
            let root = try parser.singleRoot()
            if let scalar = root?.scalar, Self.isNothing(scalar) { return nil }
            return root
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw failure(mark.line, "", "this is not valid YAML: \(Self.excerpt(problem))")
            case .duplicatedKeysInMapping(let keys, let context):
                throw failure(
                    context.mark.line, keys.first ?? "", "the key is given twice; keep one of them")
            default: throw failure(nil, "", "this is not valid YAML")
            }
        } catch { throw failure(nil, "", "this is not valid YAML") }
    }

    private static func hasName(after sign: Character, in text: String) -> Bool {
        zip(text, text.dropFirst()).contains { first, second in
            first == sign && (second.isLetter || second.isNumber || "_-".contains(second))
        }
    }

    private static func isNothing(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    }

    private mutating func take(
        _ key: String, _ value: Node, _ line: Int?
    ) throws(DatasetError) {
        let words = try words(value, key, line)
        if let part = Preprocessing.Key(rawValue: key) {
            if let rule = description.preprocessing.set(part, words) {
                let shown = Self.excerpt(words.joined(separator: ", "))
                throw failure(value.mark?.line ?? line, key, "'\(shown)' must be \(rule)")
            }
            return
        }
        guard let known = DataDescription.Key(rawValue: key) else {
            throw failure(
                line, key,
                "there is no such key; the keys are \(DataDescription.keys.joined(separator: ", "))"
            )
        }
        if known == .classes {
            guard words.count > 1, Set(words).count == words.count else {
                throw failure(
                    value.mark?.line ?? line, key,
                    "this must be a list of different names, two at least")
            }
            description.classes = words
            return
        }
        guard words.count == 1, !words[0].isEmpty else {
            throw failure(value.mark?.line ?? line, key, "this must be one text")
        }
        switch known {
        case .samples: description.samples = words[0]
        case .labels: description.labels = words[0]
        case .split:
            guard let split = DatasetSplit(rawValue: words[0]) else {
                let choices = DatasetSplit.allCases.map(\.rawValue).joined(separator: ", ")
                throw failure(
                    value.mark?.line ?? line, key,
                    "'\(Self.excerpt(words[0]))' must be one of \(choices)")
            }
            description.split = split
        case .classes: break
        }
    }

    /// The texts of a value: one, or those of a list.
    private func words(_ node: Node, _ key: String, _ line: Int?) throws(DatasetError) -> [String] {
        let line = node.mark?.line ?? line
        switch node {
        case .scalar(let scalar) where !Self.isNothing(scalar): return [scalar.string]
        case .sequence(let sequence):
            guard (1...Self.maximumEntries).contains(sequence.count) else {
                throw failure(line, key, "the list is empty, or far too long")
            }
            var words: [String] = []
            for element in sequence {
                guard let scalar = element.scalar, !Self.isNothing(scalar) else {
                    throw failure(
                        element.mark?.line ?? line, key, "the list must hold single values")
                }
                words.append(scalar.string)
            }
            return words
        default: throw failure(line, key, "this must be a value or a list of values")
        }
    }
}
