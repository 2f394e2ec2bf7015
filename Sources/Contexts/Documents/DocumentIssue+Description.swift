import Foundation

extension DocumentIssue: CustomStringConvertible {
    /// One sentence that names the place, what is wrong there and the way out.
    package var description: String {
        let place = line.map { "\(file):\($0): " } ?? "\(file): "
        return place + (key.isEmpty ? "" : "\(key.excerpt): ") + sentence
    }

    private var sentence: String {
        switch code {
        case .file(let problem): problem.sentence(kind)
        case .key(let problem): problem.sentence(kind)
        case .value(let problem): problem.sentence
        case .rule(let rule): rule.sentence
        }
    }
}

extension DocumentIssue: Equatable {
    /// Two issues are equal if they say the same.
    package static func == (a: DocumentIssue, b: DocumentIssue) -> Bool {
        a.description == b.description
    }
}

extension DocumentIssue.FileProblem {
    fileprivate func sentence(_ kind: DocumentKind) -> String {
        switch self {
        case .unreadable(let errno):
            "the \(kind.noun) cannot be read: \(String(cString: strerror(errno)))"
        case .tooLarge(let limit):
            "a \(kind.noun) has at most \(limit) bytes, and this file has more; name another one"
        case .notUTF8:
            "the file is not UTF-8 text; save it as UTF-8"
        case .empty:
            "the \(kind.noun) is empty; it needs at least \(kind.essentials)"
        case .notAMapping:
            "a \(kind.noun) is a list of 'key: value' lines, and this file is something else"
        case .syntax(let problem):
            "this is not valid YAML: \(problem.excerpt)"
        case .nestedTooDeeply:
            "the file is nested too deeply; a \(kind.noun) has \(kind.structure)"
        case .severalDocuments:
            "the file holds several documents ('---'); keep one \(kind.noun) per file"
        case .anchor(let name):
            "anchors and aliases such as '\(name.excerpt)' are not allowed; write the value out"
        case .unquotedStar(let text):
            "a text that begins with '*' must be quoted; write \"\(text.excerpt)\""
        case .tag(let name):
            "the tag '\(name.excerpt)' is not allowed; write the plain value"
        case .moreProblems:
            "there may be more problems; mend these first"
        }
    }
}

extension DocumentIssue.KeyProblem {
    fileprivate func sentence(_ kind: DocumentKind) -> String {
        switch self {
        case .schemaTooNew(let found, let current):
            "schema \(found.excerpt) is newer than this version of prune, which reads up to"
                + " \(current); update prune"
        case .schemaTooOld(let found, let current):
            "schema \(found.excerpt) is older than any that can be read; rewrite the \(kind.noun) for"
                + " schema \(current), which \(kind.documentation) describes"
        case .notAName:
            "a key must be a plain word"
        case .duplicate(let firstLine):
            "the key is already given on line \(firstLine); keep one of them"
        case .unknown(let suggestion?, _):
            "there is no such key; did you mean '\(suggestion)'?"
        case .unknown(nil, let allowed):
            "there is no such key; the keys here are \(allowed.joined(separator: ", "))"
        case .missing:
            "the key is missing, and it is required"
        }
    }
}

extension DocumentIssue.ValueProblem {
    fileprivate var sentence: String {
        switch self {
        case .wrongType(let expected, let found):
            "this must be \(expected), not \(found)"
        case .quotedNumber(let text):
            "'\(text.excerpt)' is quoted, which makes it a text; remove the quotes"
        case .carriesUnit(let text, let unit):
            "'\(text.excerpt)' carries a unit; write the number alone, \(unit)"
        case .notANumber(let text):
            "'\(text.excerpt)' is not a number; write digits, such as 12 or 0.5"
        case .notWhole(let text):
            "'\(text.excerpt)' is not a whole number"
        case .outOfRange(let text, let range, let unit):
            "\(text.excerpt) is outside \(range)" + (unit.map { " (\($0))" } ?? "")
        case .badText(let text, let rule):
            "'\(text.excerpt)' must be \(rule)"
        case .unknownChoice(let text, let suggestion, let allowed):
            "'\(text.excerpt)' is none of \(allowed.joined(separator: ", "))"
                + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
        case .repeated(let text):
            "'\(text.excerpt)' is listed twice"
        case .emptyList:
            "the list is empty; name at least one"
        case .listTooLong(let count, let limit):
            "the list has \(count) entries, and at most \(limit) are allowed"
        }
    }
}
