import OrderedCollections
package import OrderedJSON

/// What an operation computes with: a tensor, or numbers from the graph itself.
package enum Operand: Hashable, Sendable {
    /// Index into ``LayerCall/inputs``.
    case input(Int)
    case constant(ConstantArray)
}

/// Numbers that stand in a saved graph: one, a list, or an array as Keras stores it.
package struct ConstantArray: Hashable, Sendable {
    /// Row-major.
    package var values: [Double]
    package var shape: [Int]

    /// Reads numbers; nil if this is something else, or a ragged list.
    package init?(_ json: JSON) {
        switch json {
        case .number(let number): (values, shape) = ([number.double], [])
        case .bool(let flag): (values, shape) = ([flag ? 1 : 0], [])
        case .array(let elements):
            var parts: [ConstantArray] = []
            for element in elements {
                guard let part = ConstantArray(element),
                    part.shape == parts.first?.shape ?? part.shape
                else { return nil }
                parts.append(part)
            }
            values = parts.flatMap(\.values)
            shape = [parts.count] + (parts.first?.shape ?? [])
        case .object:
            guard ["__numpy__", "__tensor__"].contains(json["class_name"]?.string),
                let value = json["config"]?["value"], let array = ConstantArray(value)
            else { return nil }
            self = array
        default: return nil
        }
    }

    /// The value if all elements are the same.
    package var uniform: Double? {
        values.first.flatMap { first in values.allSatisfy { $0 == first } ? first : nil }
    }
}

extension LayerCall {
    /// The argument at that position, or under one of those names.
    package func argument(_ position: Int, _ keywords: [String]) -> Argument? {
        if arguments.indices.contains(position) { return arguments[position] }
        return keywords.lazy.compactMap { self.keywords[$0] }.first
    }

    /// The operand at that position, or under one of those names; nil if there is none.
    package func operand(_ position: Int, _ keywords: [String]) -> Operand? {
        if let input = inputIndex(position, "") { return .input(input) }
        for keyword in keywords where !arguments.indices.contains(position) {
            if let input = inputIndex(.max, keyword) { return .input(input) }
        }
        return argument(position, keywords)?.json.flatMap { ConstantArray($0) }
            .map { .constant($0) }
    }
}

/// The settings of an operation: Keras 3 keeps them in `config`, Keras 2 among the arguments.
package struct OperationSettings: Hashable, Sendable {
    package var configuration: JSON

    /// The setting of one of those names, wherever it stands; null counts as missing.
    ///
    /// - Parameter position: where it stands among the arguments, if it may.
    package func value(_ names: [String], position: Int? = nil, in call: LayerCall) -> JSON? {
        var candidates = names.map { configuration[$0] } + names.map { call.keywords[$0]?.json }
        if let position, call.arguments.indices.contains(position) {
            candidates.append(call.arguments[position].json)
        }
        return candidates.lazy.compactMap { $0 }.first { $0 != .null }
    }
}
