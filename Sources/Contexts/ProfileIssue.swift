/// One thing that is wrong with a profile, with its place.
package struct ProfileIssue: Error, Sendable, Equatable {
    /// What is wrong.
    ///
    /// Texts from the file are carried as they stand there.
    package enum Code: Sendable, Equatable {
        case file(FileProblem)
        case key(KeyProblem)
        case value(ValueProblem)
        case contradiction(Contradiction)
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
        case emptyBudget
        case missingSection(neededBy: String)
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

    /// Two values that cannot both hold.
    package enum Contradiction: Sendable, Equatable {
        /// `peak-memory-mib` is more than the device's `memory-mib`.
        case memoryBudgetOverDevice(budget: Double, device: Double)
        /// `weight-sparsity` without weight granularity.
        case sparsityWithoutWeights
        /// `weight-sparsity` above what the weight pattern can reach.
        case sparsityOverPattern(sparsity: Double, pattern: String, reachable: Double)
        /// A key of weight pruning without weight granularity.
        case weightKeyWithoutWeights
        /// A key of channel pruning without channel granularity.
        case channelKeyWithoutChannels
        /// `mac-fraction` or `parameter-fraction` without channel granularity.
        case fractionWithoutChannels
        /// `compression-level` with `compression: none`.
        case levelWithoutCompression
    }

    package let code: Code
    /// The profile's path, as the caller gave it.
    package let file: String
    /// Line in the file, from 1; `nil` for what concerns the file as a whole.
    package let line: Int?
    /// The key with its section, such as `budget.inference-ms`; empty for the file as a whole.
    package let key: String

    package init(_ code: Code, file: String, line: Int? = nil, key: String = "") {
        self.code = code
        self.file = file
        self.line = line
        self.key = key
    }
}

/// Why a profile was refused: every issue that was found, at least one, in the order of the file.
package struct ProfileError: Error, Sendable, Equatable, CustomStringConvertible {
    package let issues: [ProfileIssue]

    package init(_ issues: [ProfileIssue]) {
        self.issues = issues
    }

    /// One sentence per issue, one line each.
    package var description: String {
        issues.map(\.description).joined(separator: "\n")
    }
}
