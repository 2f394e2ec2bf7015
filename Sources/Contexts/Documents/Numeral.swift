/// A number as YAML 1.2 and JSON both write it: decimal digits, a fraction, an exponent.
struct Numeral: Equatable {
    let text: String
    /// Infinite where the digits are more than a double holds.
    let value: Double
    /// Whether the text has neither fraction nor exponent.
    let isWhole: Bool

    init?(_ text: String) {
        var scanner = Scanner(text)
        guard scanner.scanNumber(), scanner.isAtEnd, let value = Double(text) else { return nil }
        self.text = text
        self.value = value
        self.isWhole = scanner.isWhole
    }

    /// Whether the text is a number followed by letters or signs that look like a unit.
    static func carriesUnit(_ text: String) -> Bool {
        var scanner = Scanner(text)
        guard scanner.scanNumber(exponent: false) else { return false }
        scanner.skip { $0 == UInt8(ascii: " ") }
        let unit = scanner.rest.prefix(17)
        return (1...16).contains(unit.count) && unit.allSatisfy(isUnitScalar)
    }

    private static func isUnitScalar(_ scalar: Unicode.Scalar) -> Bool {
        // Both micro signs: U+00B5 and U+03BC.
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            || ["%", "/", "\u{B5}", "\u{3BC}"].contains(scalar)
    }
}

/// Reads a text from its start.
private struct Scanner {
    private let text: String
    private var position: String.UTF8View.Index
    /// Whether the number that was scanned has neither fraction nor exponent.
    private(set) var isWhole = true

    init(_ text: String) {
        self.text = text
        position = text.utf8.startIndex
    }

    var isAtEnd: Bool { position == text.utf8.endIndex }

    var rest: Substring.UnicodeScalarView { text[position...].unicodeScalars }

    private var next: UInt8? { isAtEnd ? nil : text.utf8[position] }

    @discardableResult
    mutating func skip(while isWanted: (UInt8) -> Bool) -> Int {
        var count = 0
        while let byte = next, isWanted(byte) {
            text.utf8.formIndex(after: &position)
            count += 1
        }
        return count
    }

    private mutating func skipOne(of bytes: [UInt8]) -> Bool {
        guard let byte = next, bytes.contains(byte) else { return false }
        text.utf8.formIndex(after: &position)
        return true
    }

    private mutating func skipDigits() -> Int {
        skip { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// A sign, digits without leading zeros, a fraction, an exponent.
    mutating func scanNumber(exponent: Bool = true) -> Bool {
        _ = skipOne(of: [UInt8(ascii: "-"), UInt8(ascii: "+")])
        let hasLeadingZero = next == UInt8(ascii: "0")
        let digits = skipDigits()
        guard digits > 0, digits == 1 || !hasLeadingZero else { return false }
        if skipOne(of: [UInt8(ascii: ".")]) {
            isWhole = false
            guard skipDigits() > 0 else { return false }
        }
        if exponent, skipOne(of: [UInt8(ascii: "e"), UInt8(ascii: "E")]) {
            isWhole = false
            _ = skipOne(of: [UInt8(ascii: "-"), UInt8(ascii: "+")])
            guard skipDigits() > 0 else { return false }
        }
        return true
    }
}
