import Foundation
import OrderedJSON

extension JSON {
    /// A value as it encodes itself, keys sorted.
    ///
    /// - Throws: `EncodingError` for numbers that JSON cannot hold.
    init(encoding value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try self.init(parsing: try encoder.encode(value))
    }

    /// A text, or null.
    static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

    /// A number, or null; null also for one that JSON cannot hold.
    static func optional(_ number: Double?) -> JSON {
        number.flatMap { $0.isFinite ? .real($0) : nil } ?? .null
    }

    /// A whole number, or null.
    static func optional(_ number: Int?) -> JSON { number.map { .integer($0) } ?? .null }

    /// A list of texts.
    static func texts(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
}
