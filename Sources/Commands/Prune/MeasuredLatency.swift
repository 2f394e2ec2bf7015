import Execution
import ModelGraph
import OrderedJSON

/// How long one inference takes on this machine: one sample, one thread.
struct MeasuredLatency {
    /// Milliseconds.
    var median: Double
    /// Half the width of the median's 95 % interval as a share of it; infinite for too few runs.
    var uncertainty: Double
    var runs: Int

    /// A first run that takes longer is followed by one more and no others.
    private static let slowMilliseconds = 100.0

    /// Measures a network in about 0.2 s, and the time that it takes to prepare it; nil if it cannot be run.
    init?(_ graph: ModelGraph) throws {
        do {
            let model = try PreparedModel(graph, options: PreparationOptions(threads: 1))
            let ranges = InputRange.ranges(of: graph, shapes: try graph.inferShapes())
            let samples = [Int](repeating: 0, count: model.inputShapes.first?.first ?? 1)
            let inputs = RandomInputs(count: 1, seed: RandomInputs.usualSeed)
                .tensors(samples, shapes: model.inputShapes, ranges: ranges)
            var policy = RepetitionPolicy()
            (policy.warmUps, policy.most) = (0, 1)
            let first = try model.latency(of: inputs, policy: policy).median / 1000
            if first < Self.slowMilliseconds { (policy.most, policy.seconds) = (200, 0.15) }
            let statistics = try model.latency(of: inputs, policy: policy)
            median = statistics.median / 1000
            uncertainty = statistics.uncertainty
            runs = statistics.samples.count
        } catch let error as ExecutionError
            where [.unsupported, .shape, .memory].contains(error.code)
        {
            return nil
        }
    }

    var json: JSON {
        [
            "median-ms": .real(median), "runs": .integer(runs),
            "uncertainty": uncertainty.isFinite ? .real(uncertainty) : .null,
        ]
    }
}
