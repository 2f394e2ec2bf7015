import Contexts
import Execution
import Foundation
import OrderedJSON

/// What a measurement found, for people and for programs.
struct MeasureReport {
    /// One network.
    struct Network {
        var name: String
        var file: String
        /// The network as it is, in microseconds.
        var microseconds: Double
        /// What the table says of it.
        var predictedMicroseconds: Double
        /// Choices of widths that were measured, and how many of them an earlier run had measured.
        var settings: Int
        var resumed: Int
        var samples: Int
        var outliers: Int
        /// Networks with random widths, which the table was not made from: measured and predicted.
        var checks: [(measured: Double, predicted: Double)]
        /// The slowest look at the network itself over the fastest, less 1: how much the machine's speed changed.
        var speedChange: Double

        /// The median of the checks' errors, as a share of what was measured; nil without checks.
        var medianError: Double? {
            guard !checks.isEmpty else { return nil }
            return LatencyStatistics(checks.map { abs($0.predicted / $0.measured - 1) }).median
        }
    }

    var profile: String
    var table: String
    var machine: MachineFigures
    var networks: [Network]
    var rows: Int
    var filledRows: Int
    var seconds: Double

    var lines: [String] {
        var table = TextTable([.left, .left])
        let sweep = machine.sweep
        let best = sweep.max { $0.gflops < $1.gflops }
        table.add("processor", "\(machine.processor), \(machine.threads) of its threads")
        table.add("convolutions", "\(Measure.significant(machine.gflops)) GFLOP/s")
        table.add("memory", "\(Measure.significant(machine.bandwidthGBps)) GB/s")
        table.add("call of a layer", "\(Measure.significant(machine.overheadUs)) us")
        table.add(
            "channel multiple",
            "\(machine.channelMultiple)"
                + (best.map {
                    "; 3x3 is fastest at \($0.channels) channels, \(Measure.significant($0.gflops)) GFLOP/s"
                } ?? ""))
        table.add("decoding", "\(Measure.significant(machine.decodeMiBPerSecond)) MiB/s")
        var figures = TextTable([.left, .right, .right, .right, .right, .right])
        figures.add(
            "network", "inference", "widths", "outliers", "speed change", "error of prediction")
        for network in networks {
            figures.add(
                network.name, Measure.milliseconds(network.microseconds / 1000),
                "\(network.settings)", "\(network.outliers) of \(network.samples)",
                Measure.percent(network.speedChange),
                network.medianError.map { Measure.percent($0) } ?? "–")
        }
        return table.lines() + [""] + figures.lines() + [""] + endLines
    }

    private var endLines: [String] {
        let resumed = networks.map(\.resumed).reduce(0, +)
        var lines: [String] = []
        if resumed > 0 {
            lines.append("\(resumed) choices of widths were taken over from a run that broke off.")
        }
        lines.append(
            "Errors are medians over networks with random widths that the table was not made from.")
        lines.append(
            "Wrote \(profile) and \(table), \(rows) rows, in \(Measure.seconds(seconds)).")
        return lines
    }

    var json: JSON {
        [
            "profile": .string(profile), "latency-table": .string(table),
            "rows": .integer(rows), "filled-rows": .integer(filledRows),
            "machine": machine.json, "networks": .array(networks.map(\.json)),
            "seconds": .real(seconds),
        ]
    }
}

extension MeasureReport.Network {
    var json: JSON {
        [
            "name": .string(name), "file": .string(file),
            "inference-ms": .real(microseconds / 1000),
            "predicted-ms": .real(predictedMicroseconds / 1000),
            "widths": .integer(settings), "widths-taken-over": .integer(resumed),
            "samples": .integer(samples), "outliers": .integer(outliers),
            "speed-change": .real(speedChange),
            "checks": .array(
                checks.map {
                    [
                        "measured-ms": .real($0.measured / 1000),
                        "predicted-ms": .real($0.predicted / 1000),
                    ]
                }),
            "median-error": medianError.map { .real($0) } ?? .null,
        ]
    }
}
