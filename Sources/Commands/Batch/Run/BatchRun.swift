import Synchronization
import Workers

/// Does the tasks of a shard: one model at a time, its tasks beside each other.
struct BatchRun: Sendable {
    let job: JobFile
    let shard: Shard
    let worker: any BatchWorker
    let limits: BatchLimits
    let log: BatchLog
    /// Whether only what would be done is told.
    var isDryRun = false

    /// What the store holds after so many of the tasks, for a person who interrupts.
    private let stored = Stored()

    init(
        job: JobFile, shard: Shard, worker: any BatchWorker, limits: BatchLimits, log: BatchLog,
        isDryRun: Bool = false
    ) {
        self.job = job
        self.shard = shard
        self.worker = worker
        self.limits = limits
        self.log = log
        self.isDryRun = isDryRun
    }

    /// The tasks that belong to the shard, in the order of the job.
    var tasks: [BatchTask] { Array(shard.part(of: job.tasks)) }

    /// Does all tasks; what goes wrong with one of them leaves the others whole.
    func run() -> BatchReport {
        let start = ContinuousClock.now
        let tasks = tasks
        log.begin(total: tasks.count)
        stored.begin(total: tasks.count)
        defer {
            log.clear()
            Interrupts.explain(nil)
        }
        var report = BatchReport(
            job: job, shard: shard, limits: limits, isDryRun: isDryRun)
        for group in Self.byModel(tasks) {
            let (model, results) = run(group)
            report.models.append(model)
            report.results += results
        }
        report.seconds = (ContinuousClock.now - start).seconds
        return report
    }

    /// Tasks in runs of the same model.
    private static func byModel(_ tasks: [BatchTask]) -> [[BatchTask]] {
        var groups: [[BatchTask]] = []
        for task in tasks {
            if groups.last?.first?.model.name == task.model.name {
                groups[groups.count - 1].append(task)
            } else {
                groups.append([task])
            }
        }
        return groups
    }

    // MARK: One model

    private func run(_ tasks: [BatchTask]) -> (ModelResult, [TaskResult]) {
        let start = ContinuousClock.now
        guard let model = tasks.first?.model else { return (ModelResult(name: "", file: ""), []) }
        var outcome = ModelResult(name: model.name, file: model.file)
        let bench: any BatchBench
        do {
            bench = try log.showing("opening \(model.name)") {
                try Workers.sharing(limits.threads) { try worker.open(model, log: log) }
            }
        } catch {
            let failure = CommandFailure(error)
            outcome.failure = failure
            log.note("\(model.name): cannot be opened, \(failure.message)")
            let results = tasks.map { TaskResult(task: $0, outcome: .failed(failure)) }
            for result in results { log.ended(result) }
            return (outcome, results)
        }
        if bench.residentBytes > limits.memoryBytes {
            log.note(
                "warning: \(model.name) takes \(Measure.bytes(bench.residentBytes)), more than the limit of "
                    + "\(Measure.bytes(limits.memoryBytes)); its variants are made one at a time")
        }
        outcome.openingSeconds = (ContinuousClock.now - start).seconds
        let results = run(tasks, on: bench)
        outcome.warnings = bench.warnings
        for warning in outcome.warnings { log.note("warning: \(model.name): \(warning)") }
        outcome.seconds = (ContinuousClock.now - start).seconds
        return (outcome, results)
    }

    private func run(_ tasks: [BatchTask], on bench: any BatchBench) -> [TaskResult] {
        let results = Results(count: tasks.count)
        let admission = BatchAdmission(
            needs: tasks.map { max(bench.neededBytes(for: $0), 0) },
            residentBytes: bench.residentBytes, limits: limits,
            // What others compute meanwhile would be in the times that are measured.
            most: job.options.measuresLatency ? 1 : .max)
        let gates = job.gates
        let (log, stored, isDryRun) = (log, stored, isDryRun)
        BatchCrew.run(admission) { start in
            let began = ContinuousClock.now
            let step = TaskStep(
                task: tasks[start.index], bench: bench, gates: gates, isDryRun: isDryRun)
            var result = log.showing(step.task.line) { step.run(threads: start.threads) }
            result.seconds = (ContinuousClock.now - began).seconds
            results.set(result, at: start.index)
            stored.ended(result)
            log.ended(result)
        }
        return results.all
    }
}

/// The results of a model's tasks, filled in by their threads.
private final class Results: Sendable {
    private let results: Mutex<[TaskResult?]>

    init(count: Int) { results = Mutex([TaskResult?](repeating: nil, count: count)) }

    /// In the order of the tasks.
    var all: [TaskResult] { results.withLock { $0 }.compactMap(\.self) }

    func set(_ result: TaskResult, at index: Int) { results.withLock { $0[index] = result } }
}

/// Counts what is in the store, to be told to a person who interrupts.
private final class Stored: Sendable {
    private let counts = Mutex((total: 0, stored: 0))

    func begin(total: Int) {
        counts.withLock { $0 = (total, 0) }
        explain()
    }

    func ended(_ result: TaskResult) {
        counts.withLock { $0.stored += result.published == nil ? 0 : 1 }
        explain()
    }

    private func explain() {
        let (total, stored) = counts.withLock { $0 }
        Interrupts.explain(
            "\(stored) of \(total) variants are in the store; run the same command again to go on")
    }
}
