import OrderedCollections

extension JSON: CustomStringConvertible {
    package var description: String { text() }

    /// The value as text, spelled as Python's `json.dumps` spells it.
    ///
    /// - Parameter indent: spaces per level; nil writes one line.
    package func text(indent: Int? = nil) -> String {
        var text = ""
        write(to: &text, indent: indent, level: 0)
        return text
    }

    private func write(to text: inout String, indent: Int?, level: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let number): text += number.literal
        case .string(let string): JSON.write(string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                JSON.separate(&text, first: index == 0, indent: indent, level: level + 1)
                element.write(to: &text, indent: indent, level: level + 1)
            }
            JSON.close(&text, "]", empty: elements.isEmpty, indent: indent, level: level)
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                JSON.separate(&text, first: index == 0, indent: indent, level: level + 1)
                JSON.write(member.key, to: &text)
                text += ": "
                member.value.write(to: &text, indent: indent, level: level + 1)
            }
            JSON.close(&text, "}", empty: members.isEmpty, indent: indent, level: level)
        }
    }

    private static func separate(_ text: inout String, first: Bool, indent: Int?, level: Int) {
        if let indent {
            text += first ? "\n" : ",\n"
            text += String(repeating: " ", count: indent * level)
        } else if !first {
            text += ", "
        }
    }

    private static func close(
        _ text: inout String, _ bracket: String, empty: Bool, indent: Int?, level: Int
    ) {
        if let indent, !empty { text += "\n" + String(repeating: " ", count: indent * level) }
        text += bracket
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{8}": text += "\\b"
            case "\u{C}": text += "\\f"
            case _ where scalar.value < 0x20 || scalar.value > 0x7E:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
