/// What a text in a document must look like.
package struct TextRule: Sendable, Equatable {
    /// The shape of the text.
    package enum Shape: Sendable, Equatable {
        /// Lower-case letters, digits and inner hyphens.
        case name
        /// Anything printable.
        case printable
        /// A path below the document's directory.
        case relativePath
        /// What may stand in a reference to a variant: lower-case letters, digits, `.`, `_`, `-`.
        case reference
    }

    package let shape: Shape
    /// Lengths allowed, in Unicode scalars.
    package let length: ClosedRange<Int>
    /// What the rule asks for, to end the sentence "… must be".
    package let words: String

    static let name = TextRule(
        shape: .name, length: 1...64,
        words: "1 to 64 lower-case letters, digits and inner hyphens, such as phone-4g")
    /// A part of a reference to a variant.
    package static let reference = TextRule(
        shape: .reference, length: 1...64,
        words:
            "1 to 64 lower-case letters, digits, '.', '_' and '-', with a letter or digit at both"
            + " ends, such as resnet-50")
    /// The path of a file anywhere.
    package static let path = TextRule(
        shape: .printable, length: 1...4096, words: "a path of 1 to 4096 printable characters")
    static let prose = TextRule(
        shape: .printable, length: 0...1000, words: "at most 1000 printable characters")
    /// One word or a few.
    package static let label = TextRule(
        shape: .printable, length: 1...64, words: "1 to 64 printable characters")
    static let pattern = TextRule(
        shape: .printable, length: 1...256, words: "1 to 256 printable characters")
    static let relativePath = TextRule(
        shape: .relativePath, length: 1...512,
        words: "a path below the profile's own directory, such as tables/pixel-4-wasm.csv")

    /// Whether a text keeps the rule.
    package func accepts(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard length.contains(scalars.count) else { return false }
        // Prose may be folded over lines; control characters would forge terminal output.
        let isPrintable = scalars.allSatisfy {
            switch $0.properties.generalCategory {
            case .control: $0 == "\n" && self == .prose
            case .format, .surrogate, .unassigned, .privateUse, .lineSeparator,
                .paragraphSeparator:
                false
            default: true
            }
        }
        guard isPrintable else { return false }
        switch shape {
        case .printable:
            return true
        case .name:
            return text.utf8.allSatisfy { $0.isASCIINameByte } && text.first != "-"
                && text.last != "-"
        case .reference:
            let signs: [UInt8] = [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")]
            return text.utf8.allSatisfy { $0.isASCIINameByte || signs.contains($0) }
                && ![text.utf8.first, text.utf8.last].contains { $0.map(signs.contains) ?? true }
        case .relativePath:
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
                && !text.contains("\\")
        }
    }
}

extension UInt8 {
    fileprivate var isASCIINameByte: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || self == UInt8(ascii: "-")
    }
}
