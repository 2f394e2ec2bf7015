import Foundation
import Yams

/// Turns the bytes of a document into YAML nodes, refusing the parts of YAML that nobody needs to
/// write one and that hostile files use: anchors and aliases (which multiply), several documents.
struct YAMLDocument {
    let kind: DocumentKind
    /// The sections of the format that stand in the document itself, by name.
    let sections: [String]
    /// For error messages.
    let file: String

    /// The document's root, or the one issue that kept it from being read.
    func compose(_ bytes: Data) -> Result<Node, DocumentIssue> {
        func failure(
            _ problem: DocumentIssue.FileProblem, line: Int? = nil
        ) -> Result<Node, DocumentIssue> {
            .failure(DocumentIssue(.file(problem), in: kind, file: file, line: line))
        }

        let limit = kind.maximumBytes
        guard bytes.count <= limit else {
            return failure(.tooLarge(limit: limit))
        }
        guard var text = String(validating: bytes, as: UTF8.self) else { return failure(.notUTF8) }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        if let (name, line) = Self.resolvableAlias(in: text) {
            return failure(.anchor(name: name), line: line)
        }
        do {
            // The basic resolver leaves plain scalars as text: this reader decides what they are.
            let parser = try Parser(
                yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
            guard let root = try parser.singleRoot() else { return failure(.empty) }
            // Nodes hold their anchors weakly; the parser keeps them alive.
            let anchored = withExtendedLifetime(parser) { Self.firstAnchor(below: root) }
            if let (name, line) = anchored { return failure(.anchor(name: "&" + name), line: line) }
            if case .scalar(let scalar) = root, scalar.isNothing { return failure(.empty) }
            return .success(root)
        } catch let error as YamlError {
            return .failure(issue(for: error, in: text))
        } catch {
            return failure(.syntax(problem: "\(error)"))
        }
    }

    /// The tag that a node carries explicitly, such as `!!str` or `!thing`; `nil` for none.
    static func explicitTag(of node: Node) -> String? {
        let (tag, implied): (Tag, Tag.Name) =
            switch node {
            case .scalar(let scalar): (scalar.tag, scalar.style == .plain ? .implicit : .str)
            case .mapping(let mapping): (mapping.tag, .map)
            case .sequence(let sequence): (sequence.tag, .seq)
            case .alias(let alias): (alias.tag, .implicit)
            }
        let name = tag.rawValue
        if name == Tag.Name.implicit.rawValue || name == implied.rawValue { return nil }
        let standard = "tag:yaml.org,2002:"
        return name.hasPrefix(standard) ? "!!" + name.dropFirst(standard.count) : name
    }

    // MARK: Anchors

    /// An alias that could resolve: `*name` somewhere in the text, and `&name` too.
    ///
    /// Looked for in the raw text, before parsing, because nested aliases used as mapping keys make
    /// the parser itself take exponential time. Comments and quoted texts are searched as well: a
    /// scanner that skipped them could be misled into skipping an anchor.
    private static func resolvableAlias(in text: String) -> (name: String, line: Int)? {
        let anchors = Set(names(after: UInt8(ascii: "&"), in: text).map(\.name))
        guard !anchors.isEmpty else { return nil }
        return names(after: UInt8(ascii: "*"), in: text)
            .first { anchors.contains($0.name) }
            .map { ("*" + $0.name, $0.line) }
    }

    private static func names(
        after sign: UInt8, in text: String
    ) -> [(name: String, line: Int)] {
        var found: [(name: String, line: Int)] = []
        var name: [UInt8]?
        var line = 1
        for byte in text.utf8 {
            if let letters = name {
                if byte.isAnchorByte {
                    name?.append(byte)
                } else if !letters.isEmpty {
                    found.append((String(decoding: letters, as: UTF8.self), line))
                    name = nil
                } else {
                    name = nil
                }
            }
            if byte == sign { name = [] }
            if byte == UInt8(ascii: "\n") { line += 1 }
        }
        if let letters = name, !letters.isEmpty {
            found.append((String(decoding: letters, as: UTF8.self), line))
        }
        return found
    }

    private static func firstAnchor(below node: Node) -> (name: String, line: Int?)? {
        if let anchor = node.anchor { return (anchor.rawValue, node.mark?.line) }
        switch node {
        case .scalar, .alias:
            return nil
        case .sequence(let sequence):
            for element in sequence {
                if let found = firstAnchor(below: element) { return found }
            }
        case .mapping(let mapping):
            for (key, value) in mapping {
                if let found = firstAnchor(below: key) ?? firstAnchor(below: value) {
                    return found
                }
            }
        }
        return nil
    }

    // MARK: Errors

    private func issue(for error: YamlError, in text: String) -> DocumentIssue {
        func issue(_ problem: DocumentIssue.FileProblem, line: Int?) -> DocumentIssue {
            DocumentIssue(.file(problem), in: kind, file: file, line: line)
        }
        switch error {
        case .memory:
            // What the parser says when its stack reaches its limit of 1000 levels.
            return issue(.nestedTooDeeply, line: nil)
        case .reader(let problem, let offset, _, _):
            let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
            return issue(.syntax(problem: problem), line: line)
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            if problem == "but found another document" {
                return issue(.severalDocuments, line: mark.line)
            }
            if problem == "found undefined alias" || context?.text == "while scanning an alias" {
                let start = problem == "found undefined alias" ? mark : context?.mark ?? mark
                return issue(.unquotedStar(text: Self.word(in: text, at: start)), line: start.line)
            }
            return issue(.syntax(problem: problem), line: mark.line)
        case .duplicatedKeysInMapping(let names, let context):
            return duplicate(names.first ?? "", at: context.mark, in: text)
        default:
            return issue(.syntax(problem: "\(error)"), line: nil)
        }
    }

    /// The text from a mark to the next sign that ends a plain word.
    private static func word(in text: String, at mark: Mark) -> String {
        guard let line = lines(of: text).dropFirst(mark.line - 1).first else { return "*" }
        let word = line.unicodeScalars.dropFirst(mark.column - 1)
            .prefix { !" ,]}\t\r".unicodeScalars.contains($0) }
        return String(String.UnicodeScalarView(word))
    }

    /// The parser names the first of the two places; people look for the second.
    private func duplicate(_ name: String, at mark: Mark, in text: String) -> DocumentIssue {
        let lines = Self.lines(of: text)
        func holdsKey(_ line: Substring, at column: Int) -> Bool {
            let rest = line.unicodeScalars.dropFirst(column - 1)
            return String(String.UnicodeScalarView(rest)).hasPrefix(name)
        }
        let later = lines.indices.dropFirst(mark.line)
            .first { holdsKey(lines[$0], at: mark.column) }
        let section =
            mark.column == 1
            ? nil
            : lines.prefix(mark.line - 1).last { $0.first?.isLetter ?? false }
                .flatMap { $0.split(separator: ":").first }
                .map(String.init)
                .flatMap { sections.contains($0) ? $0 : nil }
        return DocumentIssue(
            .key(.duplicate(firstLine: mark.line)), in: kind, file: file,
            line: later.map { $0 + 1 } ?? mark.line, key: DocumentSection.path(section ?? "", name))
    }

    private static func lines(of text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }
}

extension UInt8 {
    /// Whether the byte may stand in the name of an anchor: ASCII letters, digits, `_` and `-`.
    fileprivate var isAnchorByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
