import Contexts
import Foundation
import KerasFormat
import Synchronization
import VariantStore
import Workers

@testable import Commands

/// A folder with files that a job may name; removed when nobody holds it any more.
final class JobPlace: Sendable {
    let folder: URL

    init() throws {
        folder = try Prune.temporaryFolder()
        for model in ["a.h5", "b.h5", "c.h5"] { try write("", to: model) }
        for name in ["p1", "p2", "p3"] {
            try write(Self.profile(name), to: "profiles/\(name).yaml")
        }
        try write("", to: "data.npz")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var job: String { folder.appending(path: "job.yaml").path }

    static func profile(_ name: String, budget: String = "{file-kib: 100}") -> String {
        "schema: 1\nname: \(name)\nbudget: \(budget)\n"
    }

    func write(_ text: String, to name: String) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// The job of a text that stands in this folder.
    func read(_ yaml: String) throws -> JobFile {
        try JobReader.read(Data(yaml.utf8), file: job)
    }

    /// The sentences that a job is refused with, without the folder's name; empty if it is accepted.
    func refusals(_ yaml: String) -> [String] { refusals(Data(yaml.utf8)) }

    func refusals(_ bytes: Data) -> [String] {
        do {
            _ = try JobReader.read(bytes, file: job)
            return []
        } catch {
            return error.issues.map {
                $0.description.replacingOccurrences(of: folder.path + "/", with: "")
            }
        }
    }

    /// A job of all models and profiles, and what else is given.
    static func yaml(models: String = "[{file: a.h5}, {file: b.h5}]", _ more: String = "") -> String
    {
        "schema: 1\nmodels: \(models)\nprofiles: [profiles/*.yaml]\n" + more
    }
}

extension VariantFigures {
    /// Figures of a variant with what a test is about.
    static func sample(
        fileBytes: Int = 50 << 10, accuracy: Double? = nil, inferenceMs: Double? = nil,
        isMet: Bool = true, proofHolds: Bool? = true, dataSHA256: String = "d"
    ) -> VariantFigures {
        let base = Costs(
            inferenceMs: 20, fileBytes: 200 << 10, peakMemoryBytes: 1 << 20, multiplyAdds: 1000,
            parameters: 500)
        let costs = Costs(
            inferenceMs: inferenceMs, fileBytes: fileBytes, peakMemoryBytes: 1 << 19,
            multiplyAdds: 400, parameters: 200)
        var budget = Budget()
        budget.fileKiB = isMet ? 100 : 10
        return VariantFigures(
            base: base, costs: costs,
            accuracy: accuracy.map {
                AccuracyRecord(
                    metric: "top-1", dataSHA256: dataSHA256, samples: 100, before: 0.95, after: $0)
            }, lines: budget.check(costs, base: base), proofHolds: proofHolds)
    }
}

extension PublishedVariant {
    /// A version of a line.
    static func sample(
        _ line: String, version: Int = 1, figures: VariantFigures = .sample()
    ) -> PublishedVariant {
        PublishedVariant(
            reference: "\(line):v\(version)", version: version,
            digest: "sha256:" + String(repeating: "0", count: 64), figures: figures)
    }
}

/// A store in memory, and a worker that fills it without pruning anything.
final class FakeWorker: BatchWorker {
    /// What happened, and how much of it at once.
    struct Record {
        var opened: [String] = []
        var made: [String] = []
        var retagged: [String] = []
        var published: [String: PublishedVariant] = [:]
        var runningBytes = 0
        var mostBytes = 0
        var runningThreads = 0
        var mostThreads = 0
        var mostTasks = 0
        var runningTasks = 0
    }

    let record = Mutex(Record())
    /// What goes wrong, by model or by line.
    let failures: [String: CommandFailure]
    let infeasible: Set<String>
    let figures: [String: VariantFigures]
    let champions: [String: PublishedVariant]
    let needs: [String: Int]
    let residentBytes: Int

    init(
        failures: [String: CommandFailure] = [:], infeasible: Set<String> = [],
        figures: [String: VariantFigures] = [:], champions: [String: PublishedVariant] = [:],
        needs: [String: Int] = [:], residentBytes: Int = 10
    ) {
        self.failures = failures
        self.infeasible = infeasible
        self.figures = figures
        self.champions = champions
        self.needs = needs
        self.residentBytes = residentBytes
    }

    func open(_ model: JobModel, log: BatchLog) throws -> any BatchBench {
        record.withLock { $0.opened.append(model.name) }
        if let failure = failures[model.name] { throw failure }
        return Bench(worker: self)
    }

    struct Bench: BatchBench {
        let worker: FakeWorker
        var warnings: [String] { ["the samples are few"] }
        var residentBytes: Int { worker.residentBytes }

        func neededBytes(for task: BatchTask) -> Int { worker.needs[task.line] ?? 10 }

        func held(_ task: BatchTask) throws -> PublishedVariant? {
            worker.record.withLock { $0.published[task.line] }
        }

        func champion(of task: BatchTask) throws -> PublishedVariant? {
            worker.champions[task.line]
        }

        func make(
            _ task: BatchTask, threads: Int, accept: (VariantFigures) -> [GateFailure]
        ) throws -> MadeVariant {
            begin(task, threads)
            defer { end(task, threads) }
            // Others may begin meanwhile.
            for _ in 0..<200 { sched_yield() }
            if let failure = worker.failures[task.line] { throw failure }
            if worker.infeasible.contains(task.line) {
                return .infeasible(reason: "budget.file-kib cannot be met")
            }
            let figures = worker.figures[task.line] ?? .sample()
            let wrong = accept(figures)
            guard wrong.isEmpty else { return .refused(wrong, figures) }
            let variant = PublishedVariant.sample(task.line, figures: figures)
            worker.record.withLock { $0.published[task.line] = variant }
            return .published(variant, isNew: true)
        }

        func retag(_ held: PublishedVariant, task: BatchTask) throws {
            worker.record.withLock { $0.retagged.append(held.reference) }
        }

        private func begin(_ task: BatchTask, _ threads: Int) {
            worker.record.withLock { record in
                record.made.append(task.line)
                record.runningTasks += 1
                record.runningThreads += max(threads, Workers.count)
                record.runningBytes += neededBytes(for: task)
                record.mostTasks = max(record.mostTasks, record.runningTasks)
                record.mostThreads = max(record.mostThreads, record.runningThreads)
                record.mostBytes = max(record.mostBytes, record.runningBytes + residentBytes)
            }
        }

        private func end(_ task: BatchTask, _ threads: Int) {
            worker.record.withLock { record in
                record.runningTasks -= 1
                record.runningThreads -= max(threads, Workers.count)
                record.runningBytes -= neededBytes(for: task)
            }
        }
    }
}

extension BatchRun {
    /// A run that says nothing.
    init(
        _ job: JobFile, _ worker: FakeWorker, shard: Shard = .whole, threads: Int = 2,
        memoryBytes: Int = 1 << 30, isDryRun: Bool = false
    ) {
        self.init(
            job: job, shard: shard, worker: worker,
            limits: BatchLimits(threads: threads, memoryBytes: memoryBytes),
            log: BatchLog(isQuiet: true, isTerminal: false), isDryRun: isDryRun)
    }
}
