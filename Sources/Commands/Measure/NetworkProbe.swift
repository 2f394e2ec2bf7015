import Contexts
import Execution
import KerasFormat
import ModelGraph
import Planning
import Pruning

/// A network on the bench: cut to many widths, each time run and timed layer by layer.
final class NetworkProbe {
    /// The name under which its rows stand.
    let name: String
    let model: KerasModel
    let analysis: ModelAnalysis
    let design: WidthDesign
    private let prunable: PrunableModel
    private let attribution: WorkloadAttribution
    private let options: PreparationOptions
    private let isQuick: Bool
    /// The network as it is, to see how fast the machine is at the moment.
    private let reference: PreparedModel

    /// - Parameter multiple: the widths that the machine's kernels are rounded up to.
    init(
        _ model: KerasModel, name: String, multiple: Int, threads: Int, isQuick: Bool
    ) throws {
        self.name = name
        self.model = model
        self.isQuick = isQuick
        prunable = try PrunableModel(model.graph)
        analysis = ModelAnalysis(prunable, fileBytes: 0)
        if let layer = analysis.unknownLayers.first {
            throw CommandFailure(
                .usage,
                "\(model.file): the size of layer '\(layer)' is open; give the input's by --input-shape"
            )
        }
        design = WidthDesign(analysis, multiple: multiple, levels: isQuick ? 3 : 7)
        attribution = WorkloadAttribution(model.graph, workloads: analysis.base.layers)
        options = PreparationOptions(threads: threads)
        reference = try PreparedModel(model.graph, options: options)
    }

    /// What a setting of the design is measured to cost.
    struct Setting: Equatable {
        var network: String
        var number: Int
        /// Microseconds of a whole run.
        var microseconds: Double
        /// Microseconds that the network itself took just before and after.
        var reference: Double
        var samples: Int
        var outliers: Int
        var layers: [LatencyMeasurement]
    }

    /// Measures the network with the widths of a setting.
    func measure(_ number: Int) throws -> Setting {
        let (graph, summary) = try variant(design.settings[number])
        let (latency, reference) = try profile(graph, isBase: number == 0)
        var totals = summary.layers.map { _ in (time: 0.0, deviation: 0.0) }
        for operation in latency.operations {
            guard let owner = attribution.owner(of: operation.nodes) else { continue }
            totals[owner].time += operation.latency.median * latency.scale
            totals[owner].deviation += operation.latency.medianDeviation * latency.scale
        }
        let layers = zip(summary.layers, totals).filter { !$0.0.isFused }.map { layer, total in
            LatencyMeasurement(
                layer, network: name, microseconds: total.time, deviation: total.deviation,
                samples: latency.whole.samples.count)
        }
        return Setting(
            network: name, number: number, microseconds: latency.whole.median,
            reference: reference, samples: latency.whole.samples.count,
            outliers: latency.whole.outlierCount,
            layers: layers)
    }

    /// A check that the table was not made from: random widths.
    struct Check: Equatable {
        var widths: [Int]
        var summary: WorkloadSummary
        /// Microseconds of a whole run.
        var microseconds: Double
        /// Microseconds that the network itself took just before and after.
        var reference: Double
    }

    /// Measures the network with widths that no setting has.
    func check(_ widths: [Int]) throws -> Check {
        let (graph, summary) = try variant(widths)
        let (latency, reference) = try profile(graph, isBase: false)
        return Check(
            widths: widths, summary: summary, microseconds: latency.whole.median,
            reference: reference)
    }

    private func variant(_ widths: [Int]) throws -> (ModelGraph, WorkloadSummary) {
        let graph = try prunable.pruned(by: design.plan(widths, of: prunable)).graph
        return (graph, try analysis.summary(of: graph, fileBytes: 0))
    }

    /// Measures a variant between two looks at the network itself.
    ///
    /// A machine that others share is slower at one time than at another. Where the two looks disagree, the speed changed while
    /// the variant was measured, and it is measured again; the attempt with the least disagreement counts.
    private func profile(
        _ graph: ModelGraph, isBase: Bool
    ) throws -> (latency: NetworkLatency, reference: Double) {
        let prepared = try PreparedModel(graph, options: options)
        let inputs = Self.inputs(prepared)
        var best: (change: Double, latency: NetworkLatency, reference: Double)?
        for _ in 0..<(isQuick ? 1 : 4) {
            let before = try look()
            let latency = try prepared.profile(inputs, policy: policy(isBase: isBase))
            let after = try look()
            let change = abs(after / before - 1)
            if change < best?.change ?? .infinity {
                best = (change, latency, (before * after).squareRoot())
            }
            if change < Self.steady { break }
        }
        guard let best else { throw CommandFailure(.internalError, "nothing was measured") }
        return (best.latency, best.reference)
    }

    /// The largest change of speed during a measurement that is not measured again.
    private static let steady = 0.03

    /// How long the network itself takes now, in microseconds.
    private func look() throws -> Double {
        var policy = RepetitionPolicy()
        policy.warmUps = 1
        policy.fewest = 5
        policy.most = isQuick ? 5 : 40
        policy.seconds = 0.04
        return try reference.latency(of: Self.inputs(reference), policy: policy).median
    }

    /// Random inputs from 0 to 1, always the same.
    static func inputs(_ prepared: PreparedModel) -> [Tensor] {
        prepared.inputShapes.enumerated().map { index, shape in
            var random = SeededRandom(1, stream: index, number: 0)
            return Tensor(
                shape: shape, values: (0..<shape.reduce(1, *)).map { _ in random.next() })
        }
    }

    private func policy(isBase: Bool) -> RepetitionPolicy {
        var policy = RepetitionPolicy()
        policy.warmUps = isQuick ? 1 : 3
        policy.fewest = isQuick ? 5 : 20
        policy.most = isQuick ? 10 : isBase ? 400 : 100
        policy.seconds = isQuick ? 0.1 : isBase ? 3 : 0.4
        policy.uncertainty = 0.005
        return policy
    }
}

extension [NetworkProbe.Setting] {
    /// What the network itself took, in microseconds: the median of all looks at it.
    var referenceMicroseconds: Double {
        isEmpty ? 0 : LatencyStatistics(map(\.reference)).median
    }

    /// As if the machine had been equally fast at all times.
    ///
    /// - Precondition: all are of one network.
    func steadied() -> [NetworkProbe.Setting] {
        let typical = referenceMicroseconds
        return map { setting in
            guard setting.reference > 0, typical > 0 else { return setting }
            let factor = typical / setting.reference
            var setting = setting
            setting.microseconds *= factor
            setting.reference = typical
            for index in setting.layers.indices {
                setting.layers[index].microseconds *= factor
                setting.layers[index].deviation *= factor
            }
            return setting
        }
    }
}
