import Contexts
import KerasFormat
import ModelGraph
import Planning
import Synchronization
import VariantStore

/// A model of a job that was opened, and the store that its variants go to.
struct StoreBench: BatchBench {
    let bench: Bench
    let model: JobModel
    let worker: StoreWorker
    private let check: DataCheck

    /// - Parameter log: shows that the data is looked at.
    init(_ bench: Bench, _ model: JobModel, _ worker: StoreWorker, log: BatchLog) {
        self.bench = bench
        self.model = model
        self.worker = worker
        check = DataCheck(bench: bench, log: log)
    }

    var warnings: [String] {
        bench.workshop.base.notes.map { "\($0)" } + check.known
    }

    /// What the program itself takes.
    private static let programBytes = 64 << 20
    /// What weighing channels and fitting kernels needs at most, beside the networks: activations of two runs, and sums.
    private static let fittingBytes = 3 << 30

    /// Of the weights, which are mapped from the file and may be needed whole, and of what is known about them: what merging without
    /// data keeps is as large as they are, and covariances are again.
    var residentBytes: Int { weightBytes * 3 + Self.programBytes }

    private var weightBytes: Int {
        bench.workshop.base.graph.layers.reduce(0) { sum, layer in
            sum + layer.weights.reduce(0) { $0 + $1.byteCount }
        }
    }

    func neededBytes(for task: BatchTask) -> Int {
        let activations = bench.workshop.analysis.base.peakActivationBytes
        let evidence = bench.evidence
        // The variant itself, and whatever is made while it is written.
        var bytes = weightBytes * 3 / 2
        // A masked and a shrunk network, each as read and as prepared; one after the other.
        if evidence.proofInputs != nil || evidence.scoring != nil || worker.options.measuresLatency
        {
            bytes += weightBytes * 5 / 2 + activations * 8
        }
        if let calibration = evidence.calibration {
            let samples = calibration.samples
            bytes += min(Self.fittingBytes, 2 * activations * samples.count)
        }
        return bytes
    }

    // MARK: The store

    private func destination(of task: BatchTask) throws -> LineInputs {
        let name = try VariantName(parsing: task.line)
        let ending = OutputOptions.ending(of: model.file, as: nil)
        let file = "\(name.model).\(name.profile)\(ending)"
        return LineInputs(
            name: name, file: file,
            digest: try VariantInputs(bench, task.context, file: file).digest())
    }

    func held(_ task: BatchTask) throws -> PublishedVariant? {
        guard let store = worker.store else { return nil }
        let line = try destination(of: task)
        guard let version = try store.snapshot().version(withInputs: line.digest, on: line.name)
        else { return nil }
        return try PublishedVariant(version, in: store)
    }

    func champion(of task: BatchTask) throws -> PublishedVariant? {
        guard let store = worker.store else { return nil }
        let name = try VariantName(parsing: task.line)
        guard let version = try store.snapshot().tagged(name, PublishedVariant.championTag)
        else { return nil }
        return try PublishedVariant(version, in: store)
    }

    func retag(_ held: PublishedVariant, task: BatchTask) throws {
        guard let store = worker.store else { return }
        let version = try store.snapshot().resolve(try VariantReference(parsing: held.reference))
        for tag in ["latest"] + worker.tags { try store.tag(version, as: tag) }
    }

    func make(
        _ task: BatchTask, threads: Int, accept: (VariantFigures) -> [GateFailure]
    ) throws -> MadeVariant {
        guard let store = worker.store else {
            throw CommandFailure(.internalError, "\(task.line): a dry run makes nothing")
        }
        try check.run()
        let line = try destination(of: task)
        return try withoutActuallyEscaping(accept) { accept in
            let destination = GatedDestination(
                inner: StoreDestination(
                    store: store, name: line.name, folder: try store.makeWorkFolder(),
                    file: line.file, inputs: line.digest, base: bench.workshop.base.file,
                    tags: worker.tags, signers: worker.signers),
                accept: accept)
            var maker = VariantMaker(
                workshop: bench.workshop, context: task.context, destination: destination,
                options: VariantMaker.Options(
                    measuresLatency: worker.options.measuresLatency, comparesPlain: false),
                evidence: bench.evidence, progress: Progress(isQuiet: true))
            let report = try maker.make()
            switch report.delivery {
            case .version(let version, let isNew):
                return .published(try PublishedVariant(version, in: store), isNew: isNew)
            case .withheld:
                let verdict = destination.verdict
                guard let figures = verdict.figures else {
                    return .infeasible(reason: "nothing was made")
                }
                return .refused(verdict.failures, figures)
            case .file, nil:
                return .infeasible(reason: report.reason ?? "nothing was made")
            }
        }
    }

    /// The line that a task's variant belongs to, and what it is made from.
    private struct LineInputs {
        var name: VariantName
        var file: String
        var digest: String
    }
}

/// What is wrong with a model's data: looked at once, when the first variant is made on it.
private final class DataCheck: Sendable {
    private let bench: Bench
    private let log: BatchLog
    private let found = Mutex<[String]?>(nil)

    init(bench: Bench, log: BatchLog) {
        self.bench = bench
        self.log = log
    }

    /// What was found so far.
    var known: [String] { found.withLock { $0 } ?? [] }

    /// Looks at the data unless it was done; who comes meanwhile waits.
    func run() throws {
        try found.withLock { found in
            guard found == nil else { return }
            found = try bench.warnings(progress: log.quietProgress)
        }
    }
}

/// Hands a variant on only if nothing speaks against it.
private final class GatedDestination: VariantDestination {
    let inner: StoreDestination
    private let accept: (VariantFigures) -> [GateFailure]
    private(set) var verdict: (failures: [GateFailure], figures: VariantFigures?) = ([], nil)

    init(inner: StoreDestination, accept: @escaping (VariantFigures) -> [GateFailure]) {
        self.inner = inner
        self.accept = accept
    }

    var path: String { inner.path }
    var overwrites: Bool { inner.overwrites }

    func deliver(_ finished: FinishedVariant) throws -> Delivery {
        let figures = VariantFigures(
            finished.manifest,
            measured: finished.latency.map { ($0.before.median, $0.after.median) })
        verdict = (accept(figures), figures)
        return verdict.failures.isEmpty ? try inner.deliver(finished) : .withheld
    }
}
