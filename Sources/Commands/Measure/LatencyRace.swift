import Contexts
import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Planning
import Pruning

/// Times several networks in turn, so that a machine whose speed drifts is as slow to one as to the other.
struct LatencyRace {
    let threads: Int
    let isQuick: Bool
    /// Whose predictions are compared; nil for none.
    let costModel: CostModel?

    /// One network's result.
    struct Entry {
        var name: String
        var file: String
        /// Microseconds of whole runs.
        var latency: LatencyStatistics
        /// What the cost model says, in microseconds.
        var predicted: Double?
        var shares: CostModel.SourceShares?
        /// Layer by layer: name, what was measured and what is predicted, in microseconds, and why.
        var layers: [(cost: LayerCost, measured: Double)] = []
    }

    private struct Runner {
        let prepared: PreparedModel
        let inputs: [Tensor]
        var samples: [Double] = []
    }

    /// Runs every network in bursts, round after round.
    func run(
        _ models: [(name: String, model: KerasModel)], progress: Progress
    ) throws -> [Entry] {
        var runners = try models.map { name, model in
            progress.show("preparing \(name)")
            let prepared = try PreparedModel(
                model.graph, options: PreparationOptions(threads: threads))
            return Runner(prepared: prepared, inputs: NetworkProbe.inputs(prepared))
        }
        let rounds = isQuick ? 3 : 15
        for round in 1...rounds {
            progress.show("round \(round) of \(rounds)")
            for index in runners.indices { try burst(&runners[index]) }
        }
        return try zip(models, runners).map { model, runner in
            try entry(model.name, model.model, runner)
        }
    }

    /// Some runs in a row, the first two of which only bring the caches into the network's own state.
    private func burst(_ runner: inout Runner) throws {
        let start = ContinuousClock.now
        var count = 0
        while count < 5 || (start.duration(to: .now) < .milliseconds(30) && count < 60) {
            let began = ContinuousClock.now
            _ = try runner.prepared.run(runner.inputs)
            let elapsed = began.duration(to: .now).microseconds
            if count >= 2 { runner.samples.append(elapsed) }
            count += 1
        }
    }

    private func entry(_ name: String, _ model: KerasModel, _ runner: Runner) throws -> Entry {
        var entry = Entry(
            name: name, file: model.file, latency: LatencyStatistics(runner.samples))
        guard let costModel else { return entry }
        let analysis = ModelAnalysis(try PrunableModel(model.graph), fileBytes: 0)
        entry.predicted = costModel.inferenceMs(of: analysis.base).map { $0 * 1000 }
        entry.shares = costModel.sourceShares(of: analysis.base)
        var policy = RepetitionPolicy()
        policy.seconds = isQuick ? 0.05 : 0.3
        let profile = try runner.prepared.profile(runner.inputs, policy: policy)
        let attribution = WorkloadAttribution(model.graph, workloads: analysis.base.layers)
        var times = Array(repeating: 0.0, count: analysis.base.layers.count)
        for operation in profile.operations {
            if let owner = attribution.owner(of: operation.nodes) {
                times[owner] += operation.latency.median * profile.scale
            }
        }
        entry.layers = Array(zip(costModel.breakdown(of: analysis.base), times))
        return entry
    }

    // MARK: Output

    static func lines(_ entries: [Entry]) -> [String] {
        var table = TextTable([.left, .right, .right, .right, .right])
        table.add("network", "inference", "deviation", "predicted", "")
        for entry in entries {
            let median = entry.latency.median
            table.add(
                entry.name, Measure.milliseconds(median / 1000),
                Measure.percent(median > 0 ? entry.latency.medianDeviation / median : 0),
                entry.predicted.map { Measure.milliseconds($0 / 1000) } ?? "–",
                entry.predicted.map { String(format: "%+.1f %%", ($0 / median - 1) * 100) } ?? "")
        }
        return table.lines(indent: 0)
    }

    static func json(_ entries: [Entry]) -> JSON {
        ["networks": .array(entries.map(\.json))]
    }
}

extension LatencyRace.Entry {
    var json: JSON {
        [
            "name": .string(name), "file": .string(file),
            "inference-ms": .real(latency.median / 1000),
            "deviation-ms": .real(latency.medianDeviation / 1000),
            "samples": .integer(latency.samples.count),
            "outliers": .integer(latency.outlierCount),
            "predicted-ms": predicted.map { .real($0 / 1000) } ?? .null,
            "latency-sources": shares.map(\.json) ?? .null,
            "layers": .array(
                layers.map { layer in
                    [
                        "name": .string(layer.cost.name),
                        "operation": .string(layer.cost.operation.rawValue),
                        "source": .string(layer.cost.source.rawValue),
                        "measured-us": .real(layer.measured),
                        "predicted-us": .real(layer.cost.microseconds),
                    ]
                }),
        ]
    }
}
