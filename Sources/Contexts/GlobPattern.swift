/// A pattern over layer names: `*` stands for any run of characters, `?` for any one character,
/// everything else for itself.
///
/// The whole name must match.
package struct GlobPattern: Sendable, Equatable, Hashable, Codable, CustomStringConvertible {
    package let text: String
    private let scalars: [Unicode.Scalar]

    package init(_ text: String) {
        self.text = text
        self.scalars = Array(text.unicodeScalars)
    }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }

    /// Whether the pattern describes the whole of `name`.
    ///
    /// - Complexity: O(pattern × name); there is no input on which it backtracks further.
    package func matches(_ name: String) -> Bool {
        let name = Array(name.unicodeScalars)
        var position = 0
        var patternPosition = 0
        // Where to resume after a mismatch: the last star seen, and what it has swallowed so far.
        var star: (pattern: Int, name: Int)?
        while position < name.count {
            if patternPosition < scalars.count, scalars[patternPosition] == "*" {
                star = (patternPosition + 1, position)
                patternPosition += 1
            } else if patternPosition < scalars.count,
                scalars[patternPosition] == "?" || scalars[patternPosition] == name[position]
            {
                patternPosition += 1
                position += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                patternPosition = last.pattern
                position = last.name + 1
            } else {
                return false
            }
        }
        return scalars[patternPosition...].allSatisfy { $0 == "*" }
    }
}
