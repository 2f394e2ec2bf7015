package import Foundation
import Yams

/// Reads and checks a profile, collecting everything that is wrong with it.
package struct ProfileReader {
    let file: String
    var issues: [ProfileIssue] = []
    /// Checked values by key path.
    var values: [String: Value] = [:]
    /// Lines by key path, of sections and of keys, whether their values were good or not.
    var lines: [String: Int] = [:]

    /// A value that its key can take.
    enum Value: Equatable {
        case number(Double)
        case integer(Int)
        case text(String)
        case list([String])
    }

    /// More than any profile needs, little enough that no input keeps the parser busy.
    package static let maximumBytes = 1 << 20

    /// More than anyone mends at once; searching what was meant costs time for each.
    static let maximumIssues = 100

    private init(file: String) {
        self.file = file
    }

    /// Decodes a profile.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file, YAML in UTF-8.
    ///   - file: the name for error messages.
    /// - Returns: a profile that keeps every rule of the format.
    /// - Throws: `ProfileError` with every issue that can be told apart. After a syntax error, or a
    ///   schema that this code does not read, there is nothing more to tell.
    package static func read(_ bytes: Data, file: String) throws(ProfileError) -> Profile {
        let root: Node
        switch ProfileDocument.compose(bytes, file: file) {
        case .success(let node): root = node
        case .failure(let issue): throw ProfileError([issue])
        }
        var reader = ProfileReader(file: file)
        reader.readDocument(root)
        guard let profile = reader.profile(), reader.issues.isEmpty else {
            throw ProfileError(reader.sortedIssues())
        }
        return profile
    }

    mutating func report(_ code: ProfileIssue.Code, line: Int?, key: String) {
        issues.append(ProfileIssue(code, file: file, line: line, key: key))
    }

    /// Issues in the order of the file; what concerns the whole file comes first.
    private func sortedIssues() -> [ProfileIssue] {
        var sorted = issues.enumerated()
            .sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
            .map(\.element)
        if sorted.count >= Self.maximumIssues {
            sorted = Array(sorted.prefix(Self.maximumIssues))
            sorted.append(ProfileIssue(.file(.moreProblems), file: file))
        }
        return sorted
    }

    // MARK: Walking the document

    private mutating func readDocument(_ root: Node) {
        guard case .mapping(let mapping) = root else {
            report(.file(.notAMapping), line: root.mark?.line, key: "")
            return
        }
        guard checkSchemaVersion(mapping) else { return }
        readMapping(mapping, section: nil)
        // What was not looked at is not known to be missing.
        guard issues.count < Self.maximumIssues else { return }
        checkRequired(section: nil)
        for section in ProfileKey.Section.allCases where lines[section.rawValue] != nil {
            checkRequired(section: section)
        }
        checkRules()
    }

    /// A profile of another schema is not judged by the rules of this one.
    private mutating func checkSchemaVersion(_ mapping: Node.Mapping) -> Bool {
        guard let (key, value) = mapping.first(where: { $0.key.scalar?.string == "schema" }),
            let text = value.scalar?.string, let numeral = Numeral(text), numeral.isWhole,
            numeral.value != Double(Profile.currentSchema)
        else { return true }
        let current = Profile.currentSchema
        let isOlder = numeral.value < Double(current)
        report(
            .key(
                isOlder
                    ? .schemaTooOld(found: text, current: current)
                    : .schemaTooNew(found: text, current: current)),
            line: key.mark?.line, key: "schema")
        return false
    }

    private mutating func readMapping(_ mapping: Node.Mapping, section: ProfileKey.Section?) {
        let known = ProfileKey.keys(of: section)
        for (keyNode, value) in mapping where issues.count < Self.maximumIssues {
            let line = keyNode.mark?.line
            guard let name = keyNode.scalar?.string else {
                report(.key(.notAName), line: line, key: section?.rawValue ?? "")
                continue
            }
            let path = ProfileKey.path(section, name)
            if lines[path] != nil {
                report(.key(.duplicate(firstLine: lines[path] ?? 0)), line: line, key: path)
            } else if let key = known.first(where: { $0.name == name }) {
                lines[path] = line ?? 0
                values[path] = read(value, as: key, line: line)
            } else if section == nil, let inner = ProfileKey.Section(rawValue: name) {
                lines[path] = line ?? 0
                readSection(value, section: inner, line: line)
            } else {
                report(.key(unknown(name, section: section)), line: line, key: path)
            }
        }
    }

    private mutating func readSection(_ node: Node, section: ProfileKey.Section, line: Int?) {
        switch node {
        case .mapping(let mapping):
            if let tag = ProfileDocument.explicitTag(of: node) {
                report(.file(.tag(name: tag)), line: line, key: section.rawValue)
            }
            readMapping(mapping, section: section)
        case .scalar(let scalar) where scalar.isNothing:
            break
        default:
            report(
                .value(.wrongType(expected: "a section of keys", found: node.kindInWords)),
                line: line, key: section.rawValue)
        }
    }

    private func unknown(_ name: String, section: ProfileKey.Section?) -> ProfileIssue.KeyProblem {
        var allowed = ProfileKey.keys(of: section).map(\.name)
        if section == nil { allowed += ProfileKey.Section.allCases.map(\.rawValue) }
        if let near = Spelling.suggestion(for: name, among: allowed) {
            return .unknown(suggestion: near, allowed: allowed)
        }
        // A right key in the wrong place is a common slip of indentation.
        let elsewhere = ProfileKey.all.filter { $0.section != section }
        if let near = Spelling.suggestion(for: name, among: elsewhere.map(\.name)) {
            let path = elsewhere.first { $0.name == near }?.path
            return .unknown(suggestion: path, allowed: allowed)
        }
        return .unknown(suggestion: nil, allowed: allowed)
    }

    private mutating func checkRequired(section: ProfileKey.Section?) {
        for key in ProfileKey.keys(of: section) where key.isRequired && lines[key.path] == nil {
            report(
                .key(.missing), line: section.flatMap { lines[$0.rawValue] }, key: key.path)
        }
    }
}
