import Execution
import ModelGraph
import OrderedJSON

/// How long a model takes on this machine.
struct LatencyReport {
    /// One size of batch.
    struct Row {
        var batch: Int
        /// Microseconds.
        var statistics: LatencyStatistics
        /// Compiling the network and packing its weights, in milliseconds.
        var preparationMs: Double
        var activationBytes: Int
    }

    /// One operation at the first size of batch.
    struct OperationRow {
        /// The layers whose work it does.
        var layers: [String]
        var operation: String
        var implementation: String
        /// The median of several runs.
        var microseconds: Double
        /// Of the sum of all operations.
        var share: Double
    }

    var threads: Int
    var rows: [Row] = []
    var operations: [OperationRow] = []

    /// Measures a network.
    ///
    /// - Parameters:
    ///   - batches: sizes of batches, in order.
    ///   - inputs: gives the inputs for the shapes of a batch.
    ///   - timesLayers: whether each operation is timed too, at the first size.
    /// - Throws: `ExecutionError`, and what `inputs` throws.
    init(
        _ graph: ModelGraph, batches: [Int], threads: Int, timesLayers: Bool,
        inputShapes: (Int) -> [[Int]]?, inputs: ([[Int]]) throws -> [Tensor]
    ) throws {
        self.threads = threads
        let clock = ContinuousClock()
        for batch in batches {
            let start = clock.now
            let prepared = try PreparedModel(
                graph, inputShapes: inputShapes(batch), batch: batch,
                options: PreparationOptions(threads: threads))
            let preparation = start.duration(to: clock.now).microseconds / 1000
            let tensors = try inputs(prepared.inputShapes)
            rows.append(
                Row(
                    batch: batch, statistics: try prepared.latency(of: tensors),
                    preparationMs: preparation, activationBytes: prepared.activationByteCount))
            if timesLayers, operations.isEmpty {
                operations = try Self.operations(prepared, tensors)
            }
        }
    }

    /// Each operation's median time, the slowest first.
    private static func operations(
        _ prepared: PreparedModel, _ inputs: [Tensor]
    ) throws -> [OperationRow] {
        let clock = ContinuousClock()
        let start = clock.now
        var durations: [[Double]] = []
        var last: [OperationTiming] = []
        for run in 0..<50 {
            last = try prepared.time(inputs).timings
            if run == 0 { durations = last.map { _ in [] } }
            // The first runs wake up caches and threads.
            if run >= 2 {
                for (index, timing) in last.enumerated() {
                    durations[index].append(timing.duration.microseconds)
                }
            }
            if run >= 4, start.duration(to: clock.now) > .seconds(3) { break }
        }
        let medians = durations.map { LatencyStatistics($0).median }
        let sum = medians.reduce(0, +)
        return zip(last, medians).map { timing, median in
            OperationRow(
                layers: timing.layers.withoutRepeats, operation: timing.operation,
                implementation: timing.implementation, microseconds: median,
                share: sum > 0 ? median / sum : 0)
        }.sorted { $0.microseconds > $1.microseconds }
    }
}

extension [String] {
    /// Each name once, where it comes first: a layer may do several steps of one operation.
    fileprivate var withoutRepeats: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}

// MARK: - For people

extension LatencyReport {
    var lines: [String] {
        var table = TextTable([.left, .right, .left])
        for row in rows {
            let statistics = row.statistics
            table.add(
                "batch \(row.batch), \(threads == 1 ? "1 thread" : "\(threads) threads")",
                Measure.milliseconds(statistics.median / 1000),
                "90 % within \(Measure.milliseconds(statistics.quantile(0.9) / 1000)); "
                    + Self.certainty(statistics))
        }
        return ["Latency on this machine, as a median"] + table.lines()
    }

    private static func certainty(_ statistics: LatencyStatistics) -> String {
        let runs = statistics.samples.count
        guard statistics.uncertainty.isFinite else { return "\(runs) runs" }
        return "known to ±\(Measure.percent(statistics.uncertainty)), \(runs) runs"
    }

    /// The slowest operations.
    var operationLines: [String] {
        let shown = 15
        var table = TextTable([.left, .left, .left, .right, .right])
        table.add("layers", "operation", "implementation", "µs", "share")
        for row in operations.prefix(shown) {
            table.add(
                InspectReport.abridged(row.layers, most: 3), row.operation, row.implementation,
                Measure.significant(row.microseconds), Measure.percent(row.share))
        }
        let rest = operations.dropFirst(shown)
        var lines = ["Operations, the slowest first"] + table.lines()
        if !rest.isEmpty {
            let share = Measure.percent(rest.reduce(0) { $0 + $1.share })
            lines.append("  and \(rest.count) more with \(share) of the time")
        }
        return lines
    }
}

// MARK: - For programs

extension LatencyReport {
    var json: JSON {
        .array(
            rows.map { row in
                let statistics = row.statistics
                return [
                    "batch": .integer(row.batch), "threads": .integer(threads),
                    "median-ms": .real(statistics.median / 1000),
                    "percentile-90-ms": .real(statistics.quantile(0.9) / 1000),
                    "minimum-ms": .real(statistics.minimum / 1000),
                    "uncertainty": statistics.uncertainty.isFinite
                        ? .real(statistics.uncertainty) : .null,
                    "runs": .integer(statistics.samples.count),
                    "preparation-ms": .real(row.preparationMs),
                    "activation-bytes": .integer(row.activationBytes),
                ]
            })
    }

    var operationsJSON: JSON {
        .array(
            operations.map { row in
                [
                    "layers": .array(row.layers.map { .string($0) }),
                    "operation": .string(row.operation),
                    "implementation": .string(row.implementation),
                    "median-us": .real(row.microseconds), "share": .real(row.share),
                ]
            })
    }
}
