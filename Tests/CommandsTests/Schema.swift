import Foundation
import OrderedJSON

/// As much of JSON Schema as `docs/schemas/` uses.
struct Schema {
    private let root: JSON

    /// The published schema of a command's output.
    init(of command: String) throws {
        let file = Prune.root.appending(path: "docs/schemas/\(command).schema.json")
        root = try JSON(parsing: Data(contentsOf: file))
    }

    /// Where and how a value departs from the schema.
    func faults(_ value: JSON) -> [String] { faults(value, root, "$") }

    private func faults(_ value: JSON, _ schema: JSON, _ path: String) -> [String] {
        if let choices = schema["oneOf"]?.array {
            let good = choices.count { faults(value, $0, path).isEmpty }
            return good == 1 ? [] : ["\(path): fits \(good) of \(choices.count) choices"]
        }
        if let constant = schema["const"], value != constant { return ["\(path): not \(constant)"] }
        if let choices = schema["enum"]?.array, !choices.contains(value) {
            return ["\(path): \(value) is none of \(choices)"]
        }
        let types = (schema["type"]?.array ?? [schema["type"]].compactMap(\.self)).compactMap(
            \.string)
        guard types.isEmpty || types.contains(where: { Self.isOf(value, type: $0) }) else {
            return ["\(path): \(value) is not of type \(types)"]
        }
        if let minimum = schema["minimum"]?.double, let number = value.double, number < minimum {
            return ["\(path): \(number) is less than \(minimum)"]
        }
        var found: [String] = []
        for (index, element) in (value.array ?? []).enumerated() {
            if let items = schema["items"] { found += faults(element, items, "\(path)[\(index)]") }
        }
        let required = value.object == nil ? nil : schema["required"]?.array
        for key in required?.compactMap(\.string) ?? [] where value[key] == nil {
            found.append("\(path): '\(key)' is missing")
        }
        for key in value.keys {
            guard let member = value[key] else { continue }
            if let known = schema["properties"]?[key] {
                found += faults(member, known, "\(path).\(key)")
            } else if schema["additionalProperties"] == false {
                found.append("\(path): '\(key)' is not in the schema")
            }
        }
        return found
    }

    private static func isOf(_ value: JSON, type: String) -> Bool {
        switch type {
        case "null": value.isNull
        case "boolean": value.bool != nil
        case "string": value.string != nil
        case "integer": value.integer != nil
        case "number": value.double != nil
        case "array": value.array != nil
        case "object": value.object != nil
        default: false
        }
    }
}
