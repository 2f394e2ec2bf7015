package import OrderedCollections

/// A JSON value that loses nothing: keys keep their order and numbers keep their spelling.
///
/// Keras writes model topologies with Python's `json` module, which tells `1` from `1.0` and writes
/// `NaN` and `Infinity`; a pruned model must hand all of it back as it came.
/// Source: RFC 8259, with Python's extensions for non-finite numbers.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object(OrderedDictionary<String, JSON>)

    /// A whole number.
    package static func integer(_ value: Int) -> JSON { .number(JSONNumber(value)) }

    /// A floating-point number, spelled so that reading it gives the same value.
    package static func real(_ value: Double) -> JSON { .number(JSONNumber(value)) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .real(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(OrderedDictionary(elements) { _, last in last })
    }
}
