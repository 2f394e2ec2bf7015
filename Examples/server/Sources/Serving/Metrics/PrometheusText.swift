/// Prometheus's text format, version 0.0.4.
struct PrometheusText {
    /// What the format is called in `Content-Type`.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What was written so far.
    private(set) var content = ""

    /// Begins a family of series.
    mutating func begin(_ name: String, _ kind: SeriesKind) {
        let type =
            switch kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram, .timer: "histogram"
            }
        content += "# TYPE \(name) \(type)\n"
    }

    /// A series' value.
    mutating func line(_ name: String, _ labels: String, _ value: Double) {
        content += labels.isEmpty ? name : "\(name){\(labels)}"
        content += " \(Self.number(value))\n"
    }

    /// A number as the format has it; whole ones without a point.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }

    /// A name of letters, digits and `_`; whatever else is there becomes `_`.
    static func name(_ text: String) -> String {
        let valid = text.unicodeScalars.map { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
            default: Character("_")
            }
        }
        let startsWell = valid.first.map { !("0"..."9").contains($0) } ?? false
        return (startsWell ? "" : "_") + String(valid)
    }

    /// Labels in order of their names, as they stand between braces.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { (name($0.0), $0.1) }.sorted { $0.0 < $1.0 }.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }
}
