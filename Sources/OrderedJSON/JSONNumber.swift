/// A JSON number as it was spelled.
package struct JSONNumber: Hashable, Sendable {
    /// The digits as they stand in the text; also `NaN`, `Infinity` and `-Infinity`, as Python
    /// writes them.
    package let literal: String

    package init(_ value: Int) { literal = String(value) }

    package init(_ value: Double) {
        switch value {
        case .infinity: literal = "Infinity"
        case -.infinity: literal = "-Infinity"
        case _ where value.isNaN: literal = "NaN"
        default: literal = value.description
        }
    }

    init(uncheckedLiteral literal: String) { self.literal = literal }

    /// The value as a whole number, if it is one (`3` and `3.0` are, `3.5` is not).
    package var integer: Int? {
        if let value = Int(literal) { return value }
        guard let value = Double(literal) else { return nil }
        return Int(exactly: value)
    }

    /// The value rounded to a double; infinite where the literal is out of range.
    package var double: Double {
        switch literal {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Double(literal) ?? .nan
        }
    }
}
