/// Why a text is not JSON, or not the JSON that was expected, and where.
struct JSONFault: Error {
    let reason: String
    /// Byte offset in the text.
    let offset: Int

    var description: String { "\(reason) at byte \(offset)" }
}

/// Walks through JSON text without building what nobody asks for.
///
/// An index of ten thousand variants is some megabytes, and every publication reads it: entries are kept
/// as the bytes that they are, and only a few members are looked at.
struct JSONScanner {
    /// The deepest nesting that is read.
    static let maximumDepth = 64

    let bytes: [UInt8]
    private(set) var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func failure(_ reason: String) -> JSONFault { JSONFault(reason: reason, offset: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    /// The next byte that is no space; nil at the end.
    mutating func peek() -> UInt8? {
        skipSpace()
        return next
    }

    /// Moves on by bytes that are known to be whole values.
    mutating func advance(_ count: Int) { position += count }

    private mutating func take(_ byte: UInt8, _ reason: String) throws(JSONFault) {
        guard peek() == byte else { throw failure(reason) }
        position += 1
    }

    /// Reads an object; the body reads or skips exactly the value of each member.
    mutating func members(
        _ body: (String, inout JSONScanner) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try take(UInt8(ascii: "{"), "not an object")
        try enter()
        if peek() != UInt8(ascii: "}") {
            repeat {
                skipSpace()
                let key = try string()
                try take(UInt8(ascii: ":"), "no ':' behind a key")
                try body(key, &self)
            } while takesComma()
        }
        try take(UInt8(ascii: "}"), "an object is not closed")
        depth -= 1
    }

    /// Reads an array; the body reads or skips exactly one element.
    mutating func elements(
        _ body: (inout JSONScanner) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try take(UInt8(ascii: "["), "not an array")
        try enter()
        if peek() != UInt8(ascii: "]") {
            repeat { try body(&self) } while takesComma()
        }
        try take(UInt8(ascii: "]"), "an array is not closed")
        depth -= 1
    }

    private mutating func enter() throws(JSONFault) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("nested too deeply") }
    }

    private mutating func takesComma() -> Bool {
        guard peek() == UInt8(ascii: ",") else { return false }
        position += 1
        return true
    }

    /// Nothing but space may follow.
    mutating func end() throws(JSONFault) {
        guard peek() == nil else { throw failure("text behind the value") }
    }

    /// Skips one value.
    ///
    /// - Returns: where it stands.
    mutating func skip() throws(JSONFault) -> Range<Int> {
        skipSpace()
        let start = position
        switch next {
        case UInt8(ascii: "{"):
            try members { _, scanner throws(JSONFault) in _ = try scanner.skip() }
        case UInt8(ascii: "["):
            try elements { scanner throws(JSONFault) in _ = try scanner.skip() }
        case UInt8(ascii: "\""): _ = try string()
        default: _ = try scalar()
        }
        return start..<position
    }

    /// Reads one value.
    mutating func value() throws(JSONFault) -> JSONValue {
        switch peek() {
        case UInt8(ascii: "{"):
            var object: [String: JSONValue] = [:]
            try members { key, scanner throws(JSONFault) in object[key] = try scanner.value() }
            return .object(object)
        case UInt8(ascii: "["):
            var array: [JSONValue] = []
            try elements { scanner throws(JSONFault) in array.append(try scanner.value()) }
            return .array(array)
        case UInt8(ascii: "\""): return .string(try string())
        default: return try scalar()
        }
    }

    /// Reads a whole number that is not negative.
    mutating func count() throws(JSONFault) -> Int {
        guard case .integer(let value) = try value(), value >= 0 else {
            throw failure("not a whole number")
        }
        return value
    }

    /// Reads a string.
    mutating func string() throws(JSONFault) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw failure("not a string") }
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20
        {
            position += 1
        }
        if next == UInt8(ascii: "\"") {
            // Nearly every string ends here, without an escape.
            let text = String(validating: bytes[start..<position], as: UTF8.self)
            guard let text else { throw failure("a string is not UTF-8") }
            position += 1
            return text
        }
        var text = Array(bytes[start..<position])
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw failure("a string is not UTF-8")
                }
                return valid
            case UInt8(ascii: "\\"): try escape(&text)
            case 0..<0x20: throw failure("a control character in a string")
            default: text.append(byte)
            }
        }
        throw failure("a string is not closed")
    }

    private mutating func escape(_ text: inout [UInt8]) throws(JSONFault) {
        guard let byte = next else { throw failure("a string is not closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                guard position + 2 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw failure("half of a surrogate pair") }
                position += 2
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else {
                    throw failure("half of a surrogate pair")
                }
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw failure("half of a surrogate pair")
            }
            text.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
        default: throw failure("an unknown escape in a string")
        }
    }

    private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("not four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    private mutating func scalar() throws(JSONFault) -> JSONValue {
        skipSpace()
        let start = position
        while let byte = next, byte > 0x20, ![0x2C, 0x5D, 0x7D, 0x3A, 0x22].contains(byte) {
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        switch text {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            if let first = text.utf8.first, first == 0x2D || (0x30...0x39).contains(first) {
                if let value = Int(text) { return .integer(value) }
                if let value = Double(text), value.isFinite { return .real(value) }
            }
            position = start
            throw failure("not a JSON value")
        }
    }
}
