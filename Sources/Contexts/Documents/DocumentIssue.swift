/// One thing that is wrong with a document, with its place.
package struct DocumentIssue: Error, Sendable {
    /// What is wrong.
    ///
    /// Texts from the file are carried as they stand there.
    package enum Code: Sendable {
        case file(FileProblem)
        case key(KeyProblem)
        case value(ValueProblem)
        /// What no single key can be blamed for, by the rules of the document's kind.
        case rule(any DocumentRule)
    }

    /// The file as a whole, or its YAML.
    package enum FileProblem: Sendable, Equatable {
        /// With the system's error number.
        case unreadable(errno: Int32)
        case tooLarge(limit: Int)
        case notUTF8
        case empty
        case notAMapping
        case syntax(problem: String)
        case nestedTooDeeply
        case severalDocuments
        case anchor(name: String)
        case unquotedStar(text: String)
        case tag(name: String)
        /// Always the last issue.
        case moreProblems
    }

    /// A key that should not be there, or should.
    package enum KeyProblem: Sendable, Equatable {
        case schemaTooNew(found: String, current: Int)
        case schemaTooOld(found: String, current: Int)
        case notAName
        case duplicate(firstLine: Int)
        case unknown(suggestion: String?, allowed: [String])
        case missing
    }

    /// A value that its key cannot take.
    package enum ValueProblem: Sendable, Equatable {
        case wrongType(expected: String, found: String)
        case quotedNumber(text: String)
        case carriesUnit(text: String, unit: String)
        case notANumber(text: String)
        case notWhole(text: String)
        case outOfRange(text: String, range: String, unit: String?)
        case badText(text: String, rule: String)
        case unknownChoice(text: String, suggestion: String?, allowed: [String])
        case repeated(text: String)
        case emptyList
        case listTooLong(count: Int, limit: Int)
    }

    package let code: Code
    package let kind: DocumentKind
    /// The document's path, as the caller gave it.
    package let file: String
    /// Line in the file, from 1; `nil` for what concerns the file as a whole.
    package let line: Int?
    /// The key with its section, such as `budget.inference-ms`; empty for the file as a whole.
    package let key: String

    package init(
        _ code: Code, in kind: DocumentKind, file: String, line: Int? = nil, key: String = ""
    ) {
        self.code = code
        self.kind = kind
        self.file = file
        self.line = line
        self.key = key
    }
}

/// A rule that a document breaks, beyond what its tables of keys say.
package protocol DocumentRule: Sendable {
    /// What is wrong, to stand behind the place: "the key has no effect, because …".
    var sentence: String { get }
}

/// Why a document was refused: every issue that was found, at least one, in the order of the file.
package struct DocumentError: Error, Sendable, Equatable, CustomStringConvertible {
    package let issues: [DocumentIssue]

    package init(_ issues: [DocumentIssue]) {
        self.issues = issues
    }

    /// One sentence per issue, one line each.
    package var description: String {
        issues.map(\.description).joined(separator: "\n")
    }
}
