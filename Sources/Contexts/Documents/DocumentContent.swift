/// What was read from a document: checked values, and where everything stands.
///
/// Paths are those of `DocumentSection.path`: `budget.file-kib`; `models[2].file`, counted from 1.
package struct DocumentContent: Sendable {
    /// A value that its key can take.
    enum Value: Sendable, Equatable {
        case number(Double)
        case integer(Int)
        case flag(Bool)
        case text(String)
        case list([String])
    }

    /// Checked values by path.
    var values: [String: Value] = [:]
    /// How many sections a list of sections has, by path.
    var counts: [String: Int] = [:]
    /// Lines by path, of sections and of keys, whether their values were good or not.
    package internal(set) var lines: [String: Int] = [:]

    /// The number at a path; `nil` where there is none.
    package func number(_ path: String) -> Double? {
        if case .number(let value)? = values[path] { value } else { nil }
    }

    /// The whole number at a path; `nil` where there is none.
    package func integer(_ path: String) -> Int? {
        if case .integer(let value)? = values[path] { value } else { nil }
    }

    /// The truth value at a path; `nil` where there is none.
    package func flag(_ path: String) -> Bool? {
        if case .flag(let value)? = values[path] { value } else { nil }
    }

    /// The text at a path; `nil` where there is none.
    package func text(_ path: String) -> String? {
        if case .text(let value)? = values[path] { value } else { nil }
    }

    /// The choice at a path; `nil` where there is none.
    package func choice<T: RawRepresentable>(_ path: String, _: T.Type = T.self) -> T?
    where T.RawValue == String {
        text(path).flatMap(T.init(rawValue:))
    }

    /// The list at a path; `nil` where there is none.
    package func list(_ path: String) -> [String]? {
        if case .list(let value)? = values[path] { value } else { nil }
    }

    /// The paths of the sections that stand in a list, in its order.
    package func sections(_ path: String) -> [String] {
        (0..<(counts[path] ?? 0)).map { "\(path)[\($0 + 1)]" }
    }
}
