package import Foundation
import Yams

/// Reads a document by the tables of its format, collecting everything that is wrong with it.
package struct DocumentReader {
    package let kind: DocumentKind
    private let root: DocumentSection
    package let file: String
    package private(set) var content = DocumentContent()
    private(set) var issues: [DocumentIssue] = []

    /// More than anyone mends at once; searching what was meant costs time for each.
    static let maximumIssues = 100

    /// - Parameter file: the name for error messages.
    package init(_ kind: DocumentKind, _ root: DocumentSection, file: String) {
        self.kind = kind
        self.root = root
        self.file = file
    }

    /// Reads the document's bytes, YAML in UTF-8.
    ///
    /// - Returns: whether all of it was looked at, so that rules beyond the tables may be checked.
    ///   After a syntax error, or a schema that this code does not read, there is nothing more to
    ///   tell.
    package mutating func read(_ bytes: Data) -> Bool {
        let document = YAMLDocument(kind: kind, sections: root.sections.map(\.name), file: file)
        switch document.compose(bytes) {
        case .success(let node):
            return readDocument(node)
        case .failure(let issue):
            issues.append(issue)
            return false
        }
    }

    /// Adds an issue; `line` is from 1 and `nil` for what concerns the whole file.
    package mutating func report(_ code: DocumentIssue.Code, line: Int?, key: String) {
        issues.append(DocumentIssue(code, in: kind, file: file, line: line, key: key))
    }

    /// Adds an issue at a key, or at the nearest section around it that the document has.
    package mutating func report(_ rule: any DocumentRule, at key: String) {
        var place = key[...]
        while content.lines[String(place)] == nil, let dot = place.lastIndex(of: ".") {
            place = place[..<dot]
        }
        report(.rule(rule), line: content.lines[String(place)], key: key)
    }

    /// Every issue in the order of the file, what concerns the whole file first; `nil` for none.
    package var error: DocumentError? {
        guard !issues.isEmpty else { return nil }
        var sorted = issues.enumerated()
            .sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
            .map(\.element)
        if sorted.count >= Self.maximumIssues {
            sorted = Array(sorted.prefix(Self.maximumIssues))
            sorted.append(DocumentIssue(.file(.moreProblems), in: kind, file: file))
        }
        return DocumentError(sorted)
    }

    // MARK: Walking the document

    private mutating func readDocument(_ node: Node) -> Bool {
        guard case .mapping(let mapping) = node else {
            report(.file(.notAMapping), line: node.mark?.line, key: "")
            return false
        }
        guard checkSchemaVersion(mapping) else { return false }
        readMapping(mapping, as: root, at: "")
        // What was not looked at is not known to be missing.
        guard issues.count < Self.maximumIssues else { return false }
        checkRequired(root, at: "")
        return true
    }

    /// A document of another schema is not judged by the rules of this one.
    private mutating func checkSchemaVersion(_ mapping: Node.Mapping) -> Bool {
        guard let (key, value) = mapping.first(where: { $0.key.scalar?.string == "schema" }),
            let text = value.scalar?.string, let numeral = Numeral(text), numeral.isWhole,
            numeral.value != Double(kind.schema)
        else { return true }
        let isOlder = numeral.value < Double(kind.schema)
        report(
            .key(
                isOlder
                    ? .schemaTooOld(found: text, current: kind.schema)
                    : .schemaTooNew(found: text, current: kind.schema)),
            line: key.mark?.line, key: "schema")
        return false
    }

    private mutating func readMapping(
        _ mapping: Node.Mapping, as section: DocumentSection, at place: String
    ) {
        for (keyNode, value) in mapping where issues.count < Self.maximumIssues {
            let line = keyNode.mark?.line
            guard let name = keyNode.scalar?.string else {
                report(.key(.notAName), line: line, key: place)
                continue
            }
            let path = DocumentSection.path(place, name)
            if let first = content.lines[path] {
                report(.key(.duplicate(firstLine: first)), line: line, key: path)
            } else if let key = section.keys.first(where: { $0.name == name }) {
                content.lines[path] = line ?? 0
                content.values[path] = read(value, as: key, at: path, line: line)
            } else if let inner = section.sections.first(where: { $0.name == name }) {
                content.lines[path] = line ?? 0
                if inner.most == nil {
                    readSection(value, as: inner, at: path, line: line)
                } else {
                    readSections(value, as: inner, at: path, line: line)
                }
            } else {
                report(.key(unknown(name, in: section, at: place)), line: line, key: path)
            }
        }
    }

    private mutating func readSection(
        _ node: Node, as section: DocumentSection, at path: String, line: Int?
    ) {
        switch node {
        case .mapping(let mapping):
            if let tag = YAMLDocument.explicitTag(of: node) {
                report(.file(.tag(name: tag)), line: line, key: path)
            }
            readMapping(mapping, as: section, at: path)
        case .scalar(let scalar) where scalar.isNothing:
            break
        default:
            report(
                .value(.wrongType(expected: "a section of keys", found: node.kindInWords)),
                line: line, key: path)
        }
    }

    private mutating func readSections(
        _ node: Node, as section: DocumentSection, at path: String, line: Int?
    ) {
        guard case .sequence(let sequence) = node else {
            report(
                .value(.wrongType(expected: "a list of sections", found: node.kindInWords)),
                line: line, key: path)
            return
        }
        if let tag = YAMLDocument.explicitTag(of: node) {
            report(.file(.tag(name: tag)), line: line, key: path)
        }
        let limit = section.most ?? 0
        guard sequence.count <= limit else {
            report(
                .value(.listTooLong(count: sequence.count, limit: limit)), line: line, key: path)
            return
        }
        if sequence.isEmpty, section.isRequired {
            report(.value(.emptyList), line: line, key: path)
        }
        content.counts[path] = sequence.count
        for (element, place) in zip(sequence, content.sections(path)) {
            let line = element.mark?.line ?? line
            // Of what is no section, nobody asks which keys it lacks.
            if element.isSection { content.lines[place] = line ?? 0 }
            readSection(element, as: section, at: place, line: line)
        }
    }

    private func unknown(
        _ name: String, in section: DocumentSection, at place: String
    ) -> DocumentIssue.KeyProblem {
        let allowed = section.names
        if let near = Spelling.suggestion(for: name, among: allowed) {
            return .unknown(suggestion: near, allowed: allowed)
        }
        // A right key in the wrong place is a common slip of indentation.
        let here = Self.withoutNumbers(place)
        let elsewhere = root.all().filter { $0.section != here }
        if let near = Spelling.suggestion(for: name, among: elsewhere.map(\.key.name)) {
            let path = elsewhere.first { $0.key.name == near }?.path
            return .unknown(suggestion: path, allowed: allowed)
        }
        return .unknown(suggestion: nil, allowed: allowed)
    }

    /// The path in the tables: `models` for `models[2]`.
    private static func withoutNumbers(_ path: String) -> String {
        path.split(separator: ".")
            .map { $0.prefix { $0 != "[" } }
            .joined(separator: ".")
    }

    private mutating func checkRequired(_ section: DocumentSection, at place: String) {
        let names =
            section.keys.filter(\.isRequired).map(\.name)
            + section.sections.filter(\.isRequired).map(\.name)
        for path in names.map({ DocumentSection.path(place, $0) })
        where content.lines[path] == nil {
            report(.key(.missing), line: content.lines[place], key: path)
        }
        for inner in section.sections {
            let path = DocumentSection.path(place, inner.name)
            guard content.lines[path] != nil else { continue }
            let places = inner.most == nil ? [path] : content.sections(path)
            for place in places where content.lines[place] != nil {
                checkRequired(inner, at: place)
            }
        }
    }
}
