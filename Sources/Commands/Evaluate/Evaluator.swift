package import Datasets
import Execution
import Foundation
package import ModelGraph
import Synchronization
import Workers

/// Runs a model over data, in batches on all processors.
///
/// Every batch has the same size, the last one is filled up with zeros. It can be shared between threads.
package final class Evaluator: Sendable {
    package let output: ModelOutput
    /// One sample as the model takes it, without the batch.
    package let sampleShape: [Int]
    package let batch: Int
    private let data: Dataset
    /// Each runs on one thread of its own; they share their weights.
    private let workers: [PreparedModel]

    /// Prepares a model for data.
    ///
    /// - Parameters:
    ///   - batch: samples in one run; a model that fixes its batch keeps its own.
    ///   - threads: how many threads compute; nil takes one for each processor.
    ///   - outputIndex: which output is judged, from 0; nil takes the first with one row per sample.
    /// - Throws: ``CommandFailure`` for a model or labels that do not fit, and what reading shapes and preparing throw.
    package init(
        _ graph: ModelGraph, data: Dataset, batch: Int = 8, threads: Int? = nil,
        outputIndex: Int? = nil
    ) throws {
        self.data = data
        self.batch = ModelInput.batch(graph) ?? min(max(batch, 1), max(data.count, 1))
        sampleShape = try ModelInput.sampleShape(graph, for: data)
        output = try ModelOutput(graph, wanted: outputIndex)
        try Self.check(data, output, graph)
        let threads = max(threads ?? Workers.count, 1)
        let batches = (data.count + self.batch - 1) / self.batch
        let first = try PreparedModel(
            graph, inputShapes: [[self.batch] + sampleShape], options: PreparationOptions())
        workers = try [first] + (1..<max(min(threads, batches), 1)).map { _ in try first.replica() }
    }

    private static func check(_ data: Dataset, _ output: ModelOutput, _ graph: ModelGraph) throws {
        if let labels = data.labels,
            let wrong = labels.firstIndex(where: { $0 >= output.classes })
        {
            throw CommandFailure(
                .badData,
                "\(data.file): the label of sample \(wrong) is \(labels[wrong]), and '\(graph.name)' tells \(output.classes) classes, 0 to \(output.classes - 1)"
            )
        }
        if let names = data.classNames, data.labels != nil, names.count != output.classes {
            throw CommandFailure(
                .badData,
                "\(data.file): there are \(names.count) classes, and '\(graph.name)' tells \(output.classes); name all of them in order under 'classes' in a description"
            )
        }
    }

    /// The output's rows for some samples, one after the other.
    ///
    /// - Parameter range: at most ``batch`` samples.
    private func rows(
        _ samples: [Float], _ range: Range<Int>, _ worker: PreparedModel
    ) throws -> [Float] {
        var values = samples
        let size = sampleShape.reduce(1, *)
        values += Array(repeating: 0, count: batch * size - values.count)
        let outputs = try worker.run([Tensor(shape: [batch] + sampleShape, values: values)])
        let rows = Array(outputs[output.index].values.prefix(range.count * output.width))
        for (sample, index) in range.enumerated() {
            let row = rows[sample * output.width..<(sample + 1) * output.width]
            guard row.allSatisfy(\.isFinite) else {
                throw CommandFailure(
                    .badData,
                    "\(data.file), sample \(index): the model gives NaN or an infinity for it")
            }
        }
        return rows
    }

    /// Judges the model on all samples.
    ///
    /// - Parameters:
    ///   - base: another model to compare with, prepared for the same samples and no smaller a batch.
    ///   - progress: called with the number of samples done, from any thread.
    /// - Throws: ``CommandFailure`` for output that is not finite, `DatasetError` from reading, `ExecutionError`.
    package func evaluate(
        against base: Evaluator? = nil, progress: @Sendable (Int) -> Void = { _ in }
    ) throws -> Evaluation {
        if let base, base.output.classes != output.classes {
            throw CommandFailure(
                .badData,
                "the base tells \(base.output.classes) classes, and the model \(output.classes)")
        }
        if let base, base.batch < batch || base.data.count != data.count {
            throw CommandFailure(
                .badData,
                "the base runs \(base.batch) samples at once, and the model \(batch); give --batch \(base.batch)"
            )
        }
        let start = ContinuousClock.now
        let batches = (data.count + batch - 1) / batch
        let results = Mutex([Result<[SampleOutcome], any Error>?](repeating: nil, count: batches))
        let next = Atomic(0)
        let done = Atomic(0)
        let isFailed = Atomic(false)
        DispatchQueue.concurrentPerform(iterations: workers.count) { worker in
            while !isFailed.load(ordering: .relaxed) {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < batches else { return }
                let range = index * batch..<min((index + 1) * batch, data.count)
                let result = Result { try outcomes(range, worker, base) }
                if case .failure = result { isFailed.store(true, ordering: .relaxed) }
                results.withLock { $0[index] = result }
                progress(done.add(range.count, ordering: .relaxed).newValue)
            }
        }
        let all = try results.withLock { results in
            try results.compactMap(\.self).flatMap { try $0.get() }
        }
        var evaluation = Evaluation(
            all, labels: data.labels, output: output, hasBase: base != nil)
        evaluation.seconds = (ContinuousClock.now - start).seconds
        return evaluation
    }

    private func outcomes(
        _ range: Range<Int>, _ worker: Int, _ base: Evaluator?
    ) throws -> [SampleOutcome] {
        let samples = try data.samples(range, shape: sampleShape)
        let rows = try rows(samples, range, workers[worker])
        let baseRows = try base.map { base in
            let isSame = base.data === data && base.sampleShape == sampleShape
            return try base.rows(
                isSame ? samples : base.data.samples(range, shape: base.sampleShape), range,
                base.workers[worker % base.workers.count])
        }
        return range.enumerated().map { place, index in
            let row = rows[place * output.width..<(place + 1) * output.width]
            var outcome = SampleOutcome(prediction: output.prediction(row))
            guard data.labels != nil || base != nil else { return outcome }
            let logs = output.logProbabilities(row)
            if let label = data.labels?[index] {
                outcome.loss = -logs[label]
                outcome.isAmongFive = output.width > 1 && output.isAmongFive(label, row)
            }
            if let base, let baseRows {
                let width = base.output.width
                let baseRow = baseRows[place * width..<(place + 1) * width]
                outcome.basePrediction = base.output.prediction(baseRow)
                outcome.divergence = zip(base.output.logProbabilities(baseRow), logs).reduce(0) {
                    $0 + exp($1.0) * ($1.0 - $1.1)
                }
            }
            return outcome
        }
    }
}
