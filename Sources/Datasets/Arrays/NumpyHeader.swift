/// What the header of a `.npy` file says: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }`.
///
/// Source: numpy's `numpy.lib.format`, versions 1 to 3 of the format.
struct NumpyHeader: Hashable, Sendable {
    var format = ElementFormat(kind: .u1)
    var isColumnMajor = false
    var shape: [Int] = []
    /// Where the numbers start.
    var dataStart = 0

    static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// Far more than any array of numbers needs.
    private static let largestHeader = 1 << 16

    /// Why a header cannot be used, as the rest of a sentence.
    struct Problem: Error, Hashable {
        var code: DatasetError.Code
        var reason: String

        init(_ code: DatasetError.Code, _ reason: String) {
            self.code = code
            self.reason = reason
        }
    }

    /// Reads the header at the start of a file.
    init(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
        guard bytes.count >= 10, bytes.prefix(6).elementsEqual(Self.signature) else {
            throw Problem(.damaged, "this is no array of numpy, or it is cut off")
        }
        guard (1...3).contains(bytes[6]) else {
            throw Problem(.unsupported, "version \(bytes[6]) of numpy's format is not known")
        }
        let width = bytes[6] == 1 ? 2 : 4
        let start = 8 + width
        guard bytes.count >= start else { throw Problem(.damaged, "the header is cut off") }
        let length = (0..<width).reversed().reduce(0) { $0 << 8 | Int(bytes[8 + $1]) }
        guard length <= Self.largestHeader, start + length <= bytes.count else {
            throw Problem(.damaged, "the header is cut off, or its length is wrong")
        }
        dataStart = start + length
        var scanner = PythonScanner(Array(bytes[start..<dataStart]))
        try read(&scanner)
    }

    private mutating func read(_ scanner: inout PythonScanner) throws(Problem) {
        let damaged = Problem(.damaged, "the header is not what numpy writes")
        guard scanner.take("{") else { throw damaged }
        var seen: Set<String> = []
        while !scanner.take("}") {
            guard let key = scanner.string(), seen.insert(key).inserted, scanner.take(":") else {
                throw damaged
            }
            switch key {
            case "descr":
                if scanner.peek("[") {
                    throw Problem(
                        .unsupported, "the elements are records; store plain arrays of numbers")
                }
                guard let text = scanner.string() else { throw damaged }
                format = try Self.format(text)
            case "fortran_order":
                guard let flag = scanner.bool() else { throw damaged }
                isColumnMajor = flag
            case "shape":
                guard let tuple = scanner.tuple() else { throw damaged }
                shape = tuple
            default: throw damaged
            }
            guard scanner.take(",") || scanner.peek("}") else { throw damaged }
        }
        guard seen.count == 3 else { throw damaged }
    }

    private static func format(_ text: String) throws(Problem) -> ElementFormat {
        let kind = String(text.dropFirst())
        guard let order = text.first, "<>|=".contains(order),
            let kind = ElementFormat.Kind(rawValue: kind)
        else {
            if text.hasPrefix("|O") {
                throw Problem(
                    .unsupported,
                    "the elements are Python objects, which are never read; store numbers")
            }
            let shown = text.unicodeScalars.prefix(20)
            throw Problem(
                .unsupported,
                "elements of type '\(String(String.UnicodeScalarView(shown)))' are not read; "
                    + "store integers, floats of 16, 32 or 64 bits, or truth values")
        }
        return ElementFormat(kind: kind, isBigEndian: order == ">" && kind.size > 1)
    }
}

/// Reads the few things of Python that a header holds.
private struct PythonScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
            position += 1
        }
    }

    mutating func peek(_ sign: Character) -> Bool {
        skipSpace()
        return position < bytes.count && bytes[position] == sign.asciiValue
    }

    mutating func take(_ sign: Character) -> Bool {
        guard peek(sign) else { return false }
        position += 1
        return true
    }

    /// A text in quotes of either kind, without escapes.
    mutating func string() -> String? {
        for quote: Character in ["'", "\""] where take(quote) {
            let start = position
            while position < bytes.count, bytes[position] != quote.asciiValue { position += 1 }
            guard position < bytes.count else { return nil }
            position += 1
            return String(validating: bytes[start..<position - 1], as: UTF8.self)
        }
        return nil
    }

    mutating func bool() -> Bool? {
        skipSpace()
        for (word, value) in [("True", true), ("False", false)]
        where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return value
        }
        return nil
    }

    /// Whole numbers in parentheses: `()`, `(3,)`, `(3, 2)`.
    mutating func tuple() -> [Int]? {
        guard take("(") else { return nil }
        var numbers: [Int] = []
        while !take(")") {
            skipSpace()
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
            // Python 2 wrote `3L`.
            let digits = String(decoding: bytes[start..<position], as: UTF8.self)
            _ = take("L")
            // numpy itself allows at most 64 axes.
            guard let number = Int(digits), numbers.count < 64 else { return nil }
            numbers.append(number)
            guard take(",") || peek(")") else { return nil }
        }
        return numbers
    }
}
