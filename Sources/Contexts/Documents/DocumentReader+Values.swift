import Yams

extension DocumentReader {
    typealias Value = DocumentContent.Value

    /// The value of a key, or `nil` after reporting why it has none.
    mutating func read(_ node: Node, as key: DocumentKey, at path: String, line: Int?) -> Value? {
        let line = node.mark?.line ?? line
        if let tag = YAMLDocument.explicitTag(of: node) {
            report(.file(.tag(name: tag)), line: line, key: path)
            return nil
        }
        switch key.kind {
        case .number, .integer:
            return readNumber(node, as: key, at: path, line: line)
        case .text(let rule):
            return readText(node, key: path, line: line).flatMap { text in
                checked(text, rule, key: path, line: line).map(Value.text)
            }
        case .choice(let allowed):
            return readText(node, key: path, line: line).flatMap { text in
                checked(text, among: allowed, key: path, line: line).map(Value.text)
            }
        case .choices(let allowed):
            return readList(node, key: path, line: line) { reader, text, line in
                reader.checked(text, among: allowed, key: path, line: line)
            }
        case .texts(let rule, let limit, let mayBeEmpty):
            return readList(node, key: path, line: line, mayBeEmpty: mayBeEmpty, atMost: limit) {
                reader, text, line in
                reader.checked(text, rule, key: path, line: line)
            }
        case .words(let rule, let limit):
            return readWords(node, rule, key: path, line: line, atMost: limit)
        case .flag:
            return readFlag(node, key: path, line: line)
        }
    }

    // MARK: Numbers

    private mutating func readNumber(_ node: Node, as key: DocumentKey, at path: String, line: Int?)
        -> Value?
    {
        guard let scalar = node.scalar, !scalar.isNothing else {
            report(
                .value(.wrongType(expected: "a number", found: node.kindInWords)), line: line,
                key: path)
            return nil
        }
        let text = scalar.string
        guard scalar.style == .plain else {
            let isNumber = Numeral(text) != nil
            report(
                .value(isNumber ? .quotedNumber(text: text) : .notANumber(text: text)),
                line: line, key: path)
            return nil
        }
        guard let numeral = Numeral(text) else {
            let problem: DocumentIssue.ValueProblem =
                if let unit = key.unit, Numeral.carriesUnit(text) {
                    .carriesUnit(text: text, unit: unit)
                } else {
                    .notANumber(text: text)
                }
            report(.value(problem), line: line, key: path)
            return nil
        }
        return value(of: numeral, as: key, at: path, line: line)
    }

    private mutating func value(
        of numeral: Numeral, as key: DocumentKey, at path: String, line: Int?
    ) -> Value? {
        let text = numeral.text
        let range: String
        switch key.kind {
        case .number(let allowed):
            if allowed.contains(numeral.value) { return .number(numeral.value) }
            range = "\(allowed.lowerBound.brief) to \(allowed.upperBound.brief)"
        case .integer(let allowed):
            guard numeral.isWhole else {
                report(.value(.notWhole(text: text)), line: line, key: path)
                return nil
            }
            if let value = Int(text), allowed.contains(value) { return .integer(value) }
            range = "\(allowed.lowerBound) to \(allowed.upperBound)"
        default:
            return nil
        }
        report(
            .value(.outOfRange(text: text, range: range, unit: key.unit)), line: line,
            key: path)
        return nil
    }

    // MARK: Texts

    private mutating func readText(_ node: Node, key: String, line: Int?) -> String? {
        guard let scalar = node.scalar, !scalar.isNothing, !scalar.isOtherPlainType else {
            report(
                .value(.wrongType(expected: "a text", found: node.kindInWords)), line: line,
                key: key)
            return nil
        }
        return scalar.string
    }

    private mutating func checked(
        _ text: String, _ rule: TextRule, key: String, line: Int?
    ) -> String? {
        guard rule.accepts(text) else {
            report(.value(.badText(text: text, rule: rule.words)), line: line, key: key)
            return nil
        }
        return text
    }

    private mutating func checked(
        _ text: String, among allowed: [String], key: String, line: Int?
    ) -> String? {
        guard allowed.contains(text) else {
            let near = Spelling.suggestion(for: text, among: allowed)
            report(
                .value(.unknownChoice(text: text, suggestion: near, allowed: allowed)),
                line: line, key: key)
            return nil
        }
        return text
    }

    // MARK: Lists

    private mutating func readList(
        _ node: Node, key: String, line: Int?, mayBeEmpty: Bool = false, atMost limit: Int = 100,
        check: (inout DocumentReader, String, Int?) -> String?
    ) -> Value? {
        guard case .sequence(let sequence) = node else {
            report(
                .value(.wrongType(expected: "a list", found: node.kindInWords)), line: line,
                key: key)
            return nil
        }
        guard sequence.count <= limit else {
            report(
                .value(.listTooLong(count: sequence.count, limit: limit)), line: line, key: key)
            return nil
        }
        if sequence.isEmpty, !mayBeEmpty {
            report(.value(.emptyList), line: line, key: key)
            return nil
        }
        let issuesBefore = issues.count
        var entries: [String] = []
        for element in sequence {
            let line = element.mark?.line ?? line
            if let tag = YAMLDocument.explicitTag(of: element) {
                report(.file(.tag(name: tag)), line: line, key: key)
                continue
            }
            guard let text = readText(element, key: key, line: line),
                let entry = check(&self, text, line)
            else { continue }
            if entries.contains(entry) {
                report(.value(.repeated(text: entry)), line: line, key: key)
            }
            entries.append(entry)
        }
        return issues.count == issuesBefore ? .list(entries) : nil
    }
}

extension DocumentReader {
    // MARK: Words and flags

    private mutating func readFlag(_ node: Node, key: String, line: Int?) -> Value? {
        guard let scalar = node.scalar, scalar.isOtherPlainType, Numeral(scalar.string) == nil
        else {
            report(
                .value(.wrongType(expected: "true or false", found: node.kindInWords)),
                line: line, key: key)
            return nil
        }
        return .flag(scalar.string.lowercased() == "true")
    }

    /// One word stands for a list of one.
    private mutating func readWords(
        _ node: Node, _ rule: TextRule, key: String, line: Int?, atMost limit: Int
    ) -> Value? {
        var nodes = [node]
        if case .sequence(let sequence) = node { nodes = Array(sequence) }
        guard nodes.count <= limit else {
            report(.value(.listTooLong(count: nodes.count, limit: limit)), line: line, key: key)
            return nil
        }
        if nodes.isEmpty {
            report(.value(.emptyList), line: line, key: key)
            return nil
        }
        let words = nodes.compactMap { node -> String? in
            let line = node.mark?.line ?? line
            if let tag = YAMLDocument.explicitTag(of: node) {
                report(.file(.tag(name: tag)), line: line, key: key)
                return nil
            }
            guard let scalar = node.scalar, !scalar.isNothing,
                !scalar.isOtherPlainType || Numeral(scalar.string) != nil
            else {
                report(
                    .value(
                        .wrongType(expected: "a text or a number", found: node.kindInWords)),
                    line: line, key: key)
                return nil
            }
            return checked(scalar.string, rule, key: key, line: line)
        }
        return words.count == nodes.count ? .list(words) : nil
    }
}

extension Node {
    /// Whether keys stand here, or nothing.
    var isSection: Bool {
        switch self {
        case .mapping: true
        case .scalar(let scalar): scalar.isNothing
        case .sequence, .alias: false
        }
    }

    /// What stands here, for the sentence "this must be a number, not …".
    var kindInWords: String {
        switch self {
        case .mapping: "a section"
        case .sequence: "a list"
        case .alias: "an alias"
        case .scalar(let scalar) where scalar.isNothing: "nothing"
        case .scalar(let scalar) where scalar.style != .plain: "a text"
        case .scalar(let scalar) where Numeral(scalar.string) != nil: "a number"
        case .scalar(let scalar) where scalar.isOtherPlainType: "true or false"
        case .scalar: "a text"
        }
    }
}

extension Node.Scalar {
    /// Whether the value was left out.
    var isNothing: Bool {
        style == .plain && ["", "~", "null", "Null", "NULL"].contains(string)
    }

    /// Whether YAML reads the unquoted value as something other than a text.
    var isOtherPlainType: Bool {
        style == .plain
            && (["true", "True", "TRUE", "false", "False", "FALSE"].contains(string)
                || Numeral(string) != nil)
    }
}
