package import ArgumentParser
import Datasets
import Execution
import KerasFormat
import ModelGraph
import OrderedJSON
import Synchronization

/// `prune evaluate`: how well a model does on data, and how fast it is here.
package struct EvaluateCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract:
            "Score a network on data, compare it with another, and measure how fast it is here.",
        discussion: """
            prune evaluate --model variant.h5 --data t10k-images-idx3-ubyte.gz --base network.h5

            Without data, latency alone is measured, on random inputs. docs/data.md says what data can be and what is \
            done to it.
            """)

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Data") var data: DataOptions

    @Option(
        help: ArgumentHelp(
            "Another model to compare with on the same data.", valueName: "file"),
        completion: .file())
    var base: String?

    @Option(
        help: ArgumentHelp(
            "Samples in one run (8); if given, the latency at that batch is measured too.",
            valueName: "count"))
    var batch: Int?

    @Option(
        help: ArgumentHelp(
            "Threads; if not given, latency is measured on one, and data is scored on all processors.",
            valueName: "count"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Which output is judged, from 0, in place of the first with one row per sample.",
            valueName: "index"))
    var outputIndex: Int?

    @Flag(help: "Show how long each operation takes.")
    var layers = false

    @Flag(name: [.long, .short], help: "Show no progress.")
    var quiet = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        if let batch, !(1...65_536).contains(batch) {
            throw ValidationError("--batch \(batch): must be from 1 to 65536.")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads \(threads): must be from 1 to 1024.")
        }
        if base != nil, data.data == nil {
            throw ValidationError("--base compares on data: give --data.")
        }
    }

    package func run() throws {
        let progress = Progress(isQuiet: quiet || format == .json)
        defer { progress.clear() }
        progress.show("reading \(model.model)")
        let timings = Timings()
        let keras = try timings.measure("reading") { try model.read() }
        let graph = keras.graph
        var samples: Dataset?
        var evaluation: Evaluation?
        if let path = data.data { progress.show("opening \(path)") }
        samples = try data.open(for: graph)
        if let samples { evaluation = try score(graph, samples, progress) }
        progress.show("measuring latency")
        let latency = try measureLatency(graph, samples)
        var report = EvaluationReport(model: keras, latency: latency)
        report.readingMs = timings["reading"]
        report.rescales = ModelInput.rescales(graph)
        report.evaluation = evaluation
        report.baseFile = base
        if let samples {
            report.data = samples
            report.treatment = try samples.treatment(
                shape: ModelInput.sampleShape(graph, for: samples))
        }
        progress.clear()
        switch format {
        case .text: for line in report.lines(layers: layers) { print(line) }
        case .json: print(report.json.text(indent: 2))
        }
    }

    private func score(
        _ graph: ModelGraph, _ samples: Dataset, _ progress: Progress
    ) throws -> Evaluation {
        let evaluator = try Evaluator(
            graph, data: samples, batch: batch ?? 8, threads: threads, outputIndex: outputIndex)
        let other = try base.map { path in
            progress.show("reading \(path)")
            var keras = try KerasModel.read(path: path)
            try keras.checkFinite()
            keras.graph.assumedInputs = graph.assumedInputs
            // What one of the two does to its input itself, is done to the other's before.
            let isAlike = ModelInput.rescales(keras.graph) == ModelInput.rescales(graph)
            let own = isAlike ? samples : try data.open(for: keras.graph) ?? samples
            return try Evaluator(
                keras.graph, data: own, batch: batch ?? 8, threads: threads,
                outputIndex: outputIndex)
        }
        let shown = Mutex(0)
        return try evaluator.evaluate(against: other) { done in
            let percent = 100 * done / max(samples.count, 1)
            shown.withLock { last in
                guard percent > last else { return }
                last = percent
                progress.show("scoring \(samples.count) samples, \(percent) %")
            }
        }
    }

    /// Measures at batch 1, and at `--batch` if given: on the data's first samples, else on random numbers.
    private func measureLatency(_ graph: ModelGraph, _ samples: Dataset?) throws -> LatencyReport {
        let shape = try samples.map { try ModelInput.sampleShape(graph, for: $0) }
        let asked = batch.map { $0 == 1 ? [1] : [1, $0] } ?? [1]
        return try LatencyReport(
            graph, batches: ModelInput.batch(graph).map { [$0] } ?? asked, threads: threads ?? 1,
            timesLayers: layers,
            inputShapes: { batch in shape.map { [[batch] + $0] } },
            inputs: { shapes in
                if let samples, let shape, let first = shapes.first {
                    // Few samples come again and again in a large batch.
                    let indices = (0..<first[0]).map { $0 % samples.count }
                    return [
                        Tensor(shape: first, values: try samples.samples(at: indices, shape: shape))
                    ]
                }
                let ranges = InputRange.ranges(of: graph, shapes: try graph.inferShapes())
                return RandomInputs(count: shapes.first?.first ?? 1, seed: RandomInputs.usualSeed)
                    .tensors(Array(0..<(shapes.first?.first ?? 1)), shapes: shapes, ranges: ranges)
            })
    }
}
