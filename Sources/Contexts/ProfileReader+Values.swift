import Yams

extension ProfileReader {
    /// The value of a key, or `nil` after reporting why it has none.
    mutating func read(_ node: Node, as key: ProfileKey, line: Int?) -> Value? {
        let line = node.mark?.line ?? line
        if let tag = ProfileDocument.explicitTag(of: node) {
            report(.file(.tag(name: tag)), line: line, key: key.path)
            return nil
        }
        switch key.kind {
        case .number, .integer:
            return readNumber(node, as: key, line: line)
        case .text(let rule):
            return readText(node, key: key.path, line: line).flatMap { text in
                checked(text, rule, key: key.path, line: line).map(Value.text)
            }
        case .choice(let allowed):
            return readText(node, key: key.path, line: line).flatMap { text in
                checked(text, among: allowed, key: key.path, line: line).map(Value.text)
            }
        case .choices(let allowed):
            return readList(node, key: key.path, line: line) { reader, text, line in
                reader.checked(text, among: allowed, key: key.path, line: line)
            }
        case .patterns(let limit):
            return readList(node, key: key.path, line: line, mayBeEmpty: true, atMost: limit) {
                reader, text, line in
                reader.checked(text, .pattern, key: key.path, line: line)
            }
        }
    }

    // MARK: Numbers

    private mutating func readNumber(_ node: Node, as key: ProfileKey, line: Int?) -> Value? {
        guard let scalar = node.scalar, !scalar.isNothing else {
            report(
                .value(.wrongType(expected: "a number", found: node.kindInWords)), line: line,
                key: key.path)
            return nil
        }
        let text = scalar.string
        guard scalar.style == .plain else {
            let isNumber = Numeral(text) != nil
            report(
                .value(isNumber ? .quotedNumber(text: text) : .notANumber(text: text)),
                line: line, key: key.path)
            return nil
        }
        guard let numeral = Numeral(text) else {
            let problem: ProfileIssue.ValueProblem =
                if let unit = key.unit, Numeral.carriesUnit(text) {
                    .carriesUnit(text: text, unit: unit)
                } else {
                    .notANumber(text: text)
                }
            report(.value(problem), line: line, key: key.path)
            return nil
        }
        return value(of: numeral, as: key, line: line)
    }

    private mutating func value(of numeral: Numeral, as key: ProfileKey, line: Int?) -> Value? {
        let text = numeral.text
        let range: String
        switch key.kind {
        case .number(let allowed):
            if allowed.contains(numeral.value) { return .number(numeral.value) }
            range = "\(allowed.lowerBound.brief) to \(allowed.upperBound.brief)"
        case .integer(let allowed):
            guard numeral.isWhole else {
                report(.value(.notWhole(text: text)), line: line, key: key.path)
                return nil
            }
            if let value = Int(text), allowed.contains(value) { return .integer(value) }
            range = "\(allowed.lowerBound) to \(allowed.upperBound)"
        default:
            return nil
        }
        report(
            .value(.outOfRange(text: text, range: range, unit: key.unit)), line: line,
            key: key.path)
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
        check: (inout ProfileReader, String, Int?) -> String?
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
            if let tag = ProfileDocument.explicitTag(of: element) {
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

extension Node {
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
