import Foundation

/// Numbers as people read them.
package enum Measure {
    /// A size in bytes, with a binary unit: `712 KiB`.
    package static func bytes(_ count: Int) -> String {
        scaled(Double(count), step: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB"])
    }

    /// A count with a decimal unit: `31.2 M`.
    package static func count(_ count: Int) -> String {
        scaled(Double(count), step: 1000, units: ["", "k", "M", "G", "T"])
    }

    /// Milliseconds: `12.1 ms`, and seconds from 10,000 on.
    package static func milliseconds(_ value: Double) -> String {
        value >= 10_000 ? significant(value / 1000) + " s" : significant(value) + " ms"
    }

    /// A share as a percentage: `49.8 %`.
    package static func percent(_ share: Double) -> String { significant(share * 100) + " %" }

    /// The whole part of a number, as near as an integer can come to it; 0 for what is no number.
    static func whole(_ value: Double) -> Int {
        guard !value.isNaN else { return 0 }
        return value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int(value)
    }

    /// Three significant digits, without an exponent.
    package static func significant(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        let size = abs(value)
        let digits = size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3
        return String(format: "%.\(digits)f", value)
    }

    private static func scaled(_ value: Double, step: Double, units: [String]) -> String {
        var value = value
        var unit = 0
        while value >= step * 0.9995, unit < units.count - 1 {
            value /= step
            unit += 1
        }
        let digits = unit == 0 ? String(Int(value)) : significant(value)
        return units[unit].isEmpty ? digits : "\(digits) \(units[unit])"
    }
}

extension Measure {
    /// A number as a person types it: `40`, `0.5`.
    package static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}

extension Measure {
    /// A small number with its power of ten: `3.1e-07`.
    package static func scientific(_ value: Double) -> String {
        value == 0 ? "0" : String(format: "%.1e", value)
    }

    /// A time that something took: `0.21 s`, `3 min 20 s`.
    package static func seconds(_ value: Double) -> String {
        guard value >= 100 else { return String(format: "%.2f s", value) }
        return "\(Int(value) / 60) min \(Int(value) % 60) s"
    }
}
