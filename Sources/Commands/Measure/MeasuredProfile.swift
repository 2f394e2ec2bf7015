import Contexts
import Foundation

/// The profile that a measurement writes.
struct MeasuredProfile {
    /// What is known of one network.
    struct Network {
        var name: String
        /// Microseconds of the network as it is.
        var microseconds: Double
        /// Settings that were measured.
        var settings: Int
    }

    var name: String
    var machine: MachineFigures
    var networks: [Network]
    /// The day of the measurement, as `2026-01-31`.
    var date: String
    var isQuick: Bool
    /// Relative to the profile.
    var table: String

    /// The label of this engine.
    static let runtime = "espalier-onednn"

    /// How it was measured, line by line, for the comments of both files.
    var comments: [String] {
        let widths = networks.map(\.settings).reduce(0, +)
        let threads = machine.threads == 1 ? "1 thread" : "\(machine.threads) threads"
        return [
            "Measured by prune measure on \(date)\(isQuick ? ", quickly and roughly" : "").",
            "\(machine.processor), \(threads), batch 1, float32, oneDNN.",
            "Networks: \(networks.map(\.name).joined(separator: ", ")); \(widths) choices of widths in all, each run as a",
            "whole; microseconds are medians of each layer where it stands in its network.",
        ]
    }

    /// The profile's text.
    var yaml: String {
        let first = networks.first
        let half = max((first?.microseconds ?? 0) / 2000, 0.001)
        let threads = machine.threads == 1 ? "1 thread" : "\(machine.threads) threads"
        let basis = networks.map { "\($0.name) \(Self.number($0.microseconds / 1000)) ms" }
        return """
            \(comments.map { "# \($0)" }.joined(separator: "\n"))
            schema: 1
            name: \(name)
            description: \(Self.quoted("\(machine.processor), \(threads), measured on \(date)"))
            device:
              runtime: \(Self.runtime)
              # The median of three large convolutions (3x3 of 64 and 128 channels, 1x1 of 256 to 64).
              peak-gflops: \(Self.number(machine.gflops))
              # A ReLU from one tensor of 64 MiB to another, bytes read and written.
              memory-bandwidth-gbps: \(Self.number(machine.bandwidthGBps))
              # The multiple that explains the sweep over 3x3 convolutions of c to c channels best.
              channel-multiple: \(machine.channelMultiple)
              # A 1x1 convolution of 16 channels at one position.
              layer-overhead-us: \(Self.number(machine.overheadUs))
              # A compressed variant's file, read and inflated.
              decode-mib-per-s: \(Self.number(machine.decodeMiBPerSecond))
              # Every layer of the networks, at pairs of widths. Wins over the numbers above.
              latency-table: \(Self.quoted(table))
            budget:
              # Half of what \(first?.name ?? "the network") takes here; put in your own.
              # Measured: \(basis.joined(separator: ", ")).
              inference-ms: \(Self.number(half))
            pruning:
              # Zeros do not make this runtime faster.
              granularity: [channel]

            """
    }

    /// Four significant digits.
    static func number(_ value: Double) -> String {
        let magnitude = value > 0 ? Int(Foundation.log10(value).rounded(.down)) : 0
        let digits = min(max(3 - magnitude, 0), 6)
        return String(format: "%.\(digits)f", value)
    }

    private static func quoted(_ text: String) -> String {
        let plain = text.map { $0 == "\"" || $0 == "\\" || $0.isNewline ? " " : $0 }
        return "\"\(String(plain))\""
    }
}
