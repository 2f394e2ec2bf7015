import Foundation
import RuntimeAdapter

/// What came of it, as a table, and whether all is well.
struct SoakReport {
    let seconds: Double
    let clients: Int
    let tallies: [Trouble: Tally]
    let directed: Directed
    let evictions: Int
    let hitRate: Double

    var failures: [String] { tallies.values.flatMap(\.failures) }
    var wrong: [String] { tallies.values.flatMap(\.wrong) }

    /// The most memory in the last quarter over the most in the second one.
    var growth: Double {
        let count = directed.memory.count
        let second = directed.memory[count / 4..<count / 2].max() ?? 0
        let last = directed.memory[count * 3 / 4..<count].max() ?? 0
        return second > 0 ? Double(last) / Double(second) : 1
    }

    var holds: Bool {
        // A short run says nothing about memory.
        failures.isEmpty && wrong.isEmpty && (seconds < 120 || growth <= 1.05)
    }

    var lines: [String] {
        var lines = [
            "| meanwhile | s | requests | failed | wrong | waited or substituted | p50, µs | p99, µs | p99.9, µs | most, ms |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for trouble in Trouble.allCases {
            guard let tally = tallies[trouble] else { continue }
            let time = directed.troubled[trouble]
            let others = tally.origins.filter { $0.key != .ready }.values.reduce(0, +)
            lines.append(
                "| \(trouble.words) | " + (time.map { format($0, 0) } ?? "the rest")
                    + " | \(tally.latency.count) | \(tally.failures.count) | \(tally.wrong.count)"
                    + " | \(others)"
                    + [0.5, 0.99, 0.999].map { " | " + format(tally.latency.microseconds($0), 1) }
                    .joined()
                    + " | " + format(Double(tally.latency.most) / 1e6, 1) + " |")
        }
        let counts = directed.counts.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        let swaps = directed.swaps.sorted()
        lines += [
            "", counts.joined(separator: "; ") + "; \(evictions) evictions",
            "from a publication to its serving: median "
                + format(swaps.isEmpty ? 0 : swaps[swaps.count / 2], 2) + " s, most "
                + format(swaps.last ?? 0, 2) + " s; hit rate " + format(hitRate * 100, 1) + " %",
            "resident MiB, most in each tenth: "
                + tenths.map { format(Double($0) / 1_048_576, 1) }.joined(separator: ", "),
            "last quarter to second quarter: " + format(growth, 3),
        ]
        lines += (failures + wrong).prefix(10)
        return lines
    }

    private var tenths: [Int] {
        let memory = directed.memory
        return (0..<10).compactMap { part in
            memory[memory.count * part / 10..<memory.count * (part + 1) / 10].max()
        }
    }

    private func format(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
