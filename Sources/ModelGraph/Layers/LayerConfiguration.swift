package import OrderedJSON

/// Reads the settings of one layer from Keras's `config`, with errors that name the key.
package struct LayerConfiguration: Sendable {
    package let className: String
    package let json: JSON
    /// Which Keras wrote the settings: some words changed their meaning.
    package let generation: KerasGeneration

    package init(className: String, json: JSON, generation: KerasGeneration = .three) {
        self.className = className
        self.json = json
        self.generation = generation
    }

    /// The settings of a layer that this one wraps.
    package func inner(_ className: String, _ json: JSON) -> LayerConfiguration {
        LayerConfiguration(className: className, json: json, generation: generation)
    }

    /// The error that a setting is not what it must be.
    package func failure(_ key: String, _ expected: String) -> GraphError {
        let found = json[key].map { " (found \($0.text().prefix(60)))" } ?? ""
        return GraphError(.configuration, "'\(key)' must be \(expected)\(found)")
    }

    /// A whole number of at least `minimum`; `fallback` where the key is missing or null.
    package func integer(
        _ key: String, atLeast minimum: Int = 1, default fallback: Int? = nil
    ) throws(GraphError) -> Int {
        let value = json[key]
        if value == nil || value == .null, let fallback { return fallback }
        guard let number = value?.integer, (minimum...LayerConfiguration.largest).contains(number)
        else { throw failure(key, "a whole number of at least \(minimum)") }
        return number
    }

    /// The largest number that a size in a configuration may be; keeps products within range.
    package static let largest = Int(Int32.max)

    package func bool(_ key: String, default fallback: Bool) throws(GraphError) -> Bool {
        guard let value = json[key], value != .null else { return fallback }
        guard let bool = value.bool else { throw failure(key, "true or false") }
        return bool
    }

    package func double(_ key: String, default fallback: Double? = nil) throws(GraphError) -> Double
    {
        let value = json[key]
        if value == nil || value == .null, let fallback { return fallback }
        guard let number = value?.double, number.isFinite else { throw failure(key, "a number") }
        return number
    }

    package func string(_ key: String, default fallback: String? = nil) throws(GraphError) -> String
    {
        let value = json[key]
        if value == nil || value == .null, let fallback { return fallback }
        guard let string = value?.string else { throw failure(key, "a string") }
        return string
    }

    /// One of several words.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, default fallback: Choice
    ) throws(GraphError) -> Choice where Choice.RawValue == String {
        guard let value = json[key], value != .null else { return fallback }
        guard let word = value.string, let choice = Choice(rawValue: word) else {
            let words = Choice.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw failure(key, "one of \(words)")
        }
        return choice
    }

    /// A list of whole numbers; a single number stands for `count` equal ones.
    package func integers(
        _ key: String, count: Int? = nil, atLeast minimum: Int = 1, default fallback: [Int]? = nil
    ) throws(GraphError) -> [Int] {
        let value = json[key]
        if value == nil || value == .null, let fallback { return fallback }
        if let count, value?.integer != nil {
            return Array(repeating: try integer(key, atLeast: minimum), count: count)
        }
        let numbers = value?.array?.compactMap(\.integer)
        guard let numbers, numbers.count == value?.array?.count,
            count == nil || numbers.count == count,
            numbers.allSatisfy({ (minimum...LayerConfiguration.largest).contains($0) })
        else {
            throw failure(
                key, "\(count.map(String.init) ?? "some") whole numbers of at least \(minimum)")
        }
        return numbers
    }

    /// One axis number or a list of them, as Keras numbers axes.
    package func axes(_ key: String, default fallback: [Int]) throws(GraphError) -> [Int] {
        if json[key]?.integer != nil { return [try integer(key, atLeast: -16)] }
        return try integers(key, atLeast: -16, default: fallback)
    }

    /// The activation function under that key; linear where there is none.
    package func activation(_ key: String = "activation") throws(GraphError) -> ActivationFunction {
        guard let value = json[key], value != .null else { return .linear }
        return try ActivationFunction(value, generation: generation)
    }
}

/// The Keras that wrote a model, as far as the meaning of its words depends on it.
///
/// `hard_sigmoid` was `0.2x + 0.5` up to Keras 2 and is `x / 6 + 0.5` since Keras 3.
package enum KerasGeneration: Int, Hashable, Sendable {
    case two = 2
    case three = 3

    /// The generation that a file's `keras_version` names; files without one come from old Keras.
    package init(version: String?) {
        self = version?.first.flatMap { Int(String($0)) }.map { $0 >= 3 } ?? false ? .three : .two
    }
}

/// Where the channels stand in an image tensor.
package enum DataFormat: String, Sendable, CaseIterable {
    case channelsLast = "channels_last"
    case channelsFirst = "channels_first"

    /// The channel axis of a tensor of that rank.
    package func channelAxis(rank: Int) -> Int { self == .channelsLast ? rank - 1 : 1 }

    /// The spatial axes of a tensor of that rank.
    package func spatialAxes(rank: Int) -> Range<Int> {
        self == .channelsLast ? 1..<max(rank - 1, 1) : 2..<max(rank, 2)
    }
}

/// How a window is laid over the border.
package enum Padding: String, Sendable, CaseIterable {
    case valid, same, causal
}
