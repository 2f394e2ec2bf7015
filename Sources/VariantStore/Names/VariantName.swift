/// The line of versions that a variant belongs to: its model and the profile that it was made for.
///
/// Both are of lower-case letters and digits, joined by one of `.`, `_`, `+`, `-`; a profile may hold a
/// setting behind a `+`. So a name is a reference's beginning for any OCI tool, and never a way out of
/// a folder.
package struct VariantName: Hashable, Sendable, Comparable {
    package let model: String
    package let profile: String

    /// The most characters of a part.
    package static let longestPart = 128

    /// - Throws: ``VariantStoreError`` with `badName`.
    package init(model: String, profile: String) throws(VariantStoreError) {
        guard Self.isPart(model), Self.isPart(profile) else {
            throw VariantStoreError(.badName, file: "\(model)/\(profile)")
        }
        self.model = model
        self.profile = profile
    }

    /// Reads `model/profile`.
    ///
    /// - Throws: ``VariantStoreError`` with `badName`.
    package init(parsing text: String) throws(VariantStoreError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw VariantStoreError(.badName, file: text) }
        try self.init(model: String(parts[0]), profile: String(parts[1]))
    }

    /// `model/profile`.
    package var text: String { "\(model)/\(profile)" }

    package static func < (a: VariantName, b: VariantName) -> Bool {
        a.model != b.model ? a.model < b.model : a.profile < b.profile
    }

    /// Whether a text is of lower-case letters and digits, joined by single `.`, `_`, `+` or `-`.
    package static func isPart(_ text: some StringProtocol) -> Bool {
        guard (1...longestPart).contains(text.utf8.count) else { return false }
        var previousJoins = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                previousJoins = false
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                if previousJoins { return false }
                previousJoins = true
            default: return false
            }
        }
        return !previousJoins
    }

    /// A part made of any text, such as a file's name: letters in lower case, the rest joined by `-`.
    ///
    /// - Returns: nil if the text has neither an ASCII letter nor a digit.
    package static func part(from text: String) -> String? {
        var part = ""
        for character in text.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                part.append(character)
            } else if let last = part.last, last.isLetter || last.isNumber {
                part.append("._+".contains(character) ? character : "-")
            }
            if part.utf8.count == longestPart { break }
        }
        while let last = part.last, !last.isLetter, !last.isNumber { part.removeLast() }
        return part.isEmpty ? nil : part
    }
}

extension VariantName: CustomStringConvertible {
    package var description: String { text }
}

/// One variant of a line: its number there, and the artifact that it is.
package struct VariantVersion: Hashable, Sendable {
    package let name: VariantName
    /// From 1; a number is never used twice.
    package let number: Int
    /// Of the artifact's manifest.
    package let digest: BlobDigest

    package init(name: VariantName, number: Int, digest: BlobDigest) {
        self.name = name
        self.number = number
        self.digest = digest
    }

    /// `model/profile:v3`.
    package var text: String { "\(name.text):v\(number)" }
}

extension VariantVersion: CustomStringConvertible {
    package var description: String { text }
}
