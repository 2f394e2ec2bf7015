import Foundation
import Synchronization
import Testing

@testable import Commands

/// Jobs from beginning to end, with a worker that only pretends.
@Suite struct BatchRunTests {
    let place: JobPlace

    init() throws { place = try JobPlace() }

    private func words(_ report: BatchReport) -> [String] {
        report.results.map { "\($0.task.line) \($0.word)" }
    }

    @Test func everythingIsMadeOnceAndThenHeld() throws {
        let job = try place.read(JobPlace.yaml())
        let worker = FakeWorker()
        let first = BatchRun(job, worker).run()
        #expect(first.status == .done)
        #expect(words(first) == job.tasks.map { "\($0.line) new" })
        let second = BatchRun(job, worker).run()
        #expect(second.status == .done)
        #expect(words(second) == job.tasks.map { "\($0.line) held" })
        worker.record.withLock { record in
            #expect(record.opened == ["a", "b", "a", "b"])
            #expect(record.made.sorted() == job.tasks.map(\.line).sorted())
            #expect(record.retagged.sorted() == job.tasks.map { "\($0.line):v1" }.sorted())
        }
    }

    @Test func shardsTogetherDoTheWholeJob() throws {
        let job = try place.read(JobPlace.yaml())
        let worker = FakeWorker()
        for index in 1...4 {
            let report = BatchRun(job, worker, shard: Shard(index: index, count: 4)).run()
            #expect(report.status == .done)
        }
        worker.record.withLock { record in
            #expect(record.made.sorted() == job.tasks.map(\.line).sorted())
            #expect(record.opened == ["a", "a", "b", "b"])
        }
    }

    @Test func aDryRunMakesNothing() throws {
        let job = try place.read(JobPlace.yaml(models: "[{file: a.h5}]"))
        let worker = FakeWorker()
        worker.record.withLock { $0.published["a/p2"] = .sample("a/p2", version: 7) }
        let report = BatchRun(job, worker, isDryRun: true).run()
        #expect(words(report) == ["a/p1 planned", "a/p2 held", "a/p3 planned"])
        #expect(report.status == .done)
        worker.record.withLock { record in
            #expect(record.made.isEmpty)
            #expect(record.retagged.isEmpty)
        }
    }

    @Test func aModelThatCannotBeOpenedLeavesTheOthersWhole() throws {
        let job = try place.read(JobPlace.yaml())
        let worker = FakeWorker(failures: ["a": CommandFailure(.badData, "a.h5: damaged")])
        let report = BatchRun(job, worker).run()
        #expect(
            words(report) == [
                "a/p1 failed", "a/p2 failed", "a/p3 failed", "b/p1 new", "b/p2 new", "b/p3 new",
            ])
        #expect(report.status == .badData)
        #expect(report.failures == ["a, 3 variants: a.h5: damaged"])
    }

    @Test func aTaskThatFailsFailsAlone() throws {
        let job = try place.read(JobPlace.yaml(models: "[{file: a.h5}]"))
        let worker = FakeWorker(
            failures: ["a/p2": CommandFailure(.inputOutput, "disk full")], infeasible: ["a/p3"])
        let report = BatchRun(job, worker).run()
        #expect(words(report) == ["a/p1 new", "a/p2 failed", "a/p3 infeasible"])
        #expect(report.status == .inputOutput)
        #expect(
            report.failures == ["a/p2: disk full", "a/p3: budget.file-kib cannot be met"])
    }

    @Test func gatesRefuseWhatIsMadeAndWhatIsHeld() throws {
        let job = try place.read(
            JobPlace.yaml(models: "[{file: a.h5}]", "gates: {max-file-growth: 0.05}\n"))
        let champion = PublishedVariant.sample(
            "a/p1", version: 4, figures: .sample(fileBytes: 40 << 10))
        let worker = FakeWorker(champions: ["a/p1": champion, "a/p2": champion])
        worker.record.withLock { $0.published["a/p2"] = .sample("a/p2", version: 3) }
        let report = BatchRun(job, worker).run()
        #expect(words(report) == ["a/p1 refused", "a/p2 refused", "a/p3 new"])
        #expect(report.status == .no)
        #expect(
            report.failures == [
                "a/p1: file 50.0 KiB is 25.0 % more than that of the champion v4, 40.0 KiB; 5.00 % allowed",
                "a/p2: file 50.0 KiB is 25.0 % more than that of the champion v4, 40.0 KiB; 5.00 % allowed",
            ])
        worker.record.withLock { record in
            #expect(record.published.keys.sorted() == ["a/p2", "a/p3"])
            #expect(record.retagged.isEmpty)
        }
    }

    @Test func theWorstStatusWins() {
        #expect(Commands.ExitStatus.worst(of: []) == .done)
        #expect(Commands.ExitStatus.worst(of: [.done, .no]) == .no)
        #expect(Commands.ExitStatus.worst(of: [.no, .badData, .done]) == .badData)
        #expect(
            Commands.ExitStatus.worst(of: [.cannotCreate, .inputOutput, .noInput]) == .inputOutput)
        #expect(Commands.ExitStatus.worst(of: [.inputOutput, .internalError]) == .internalError)
        for status in Commands.ExitStatus.allCases {
            #expect(Commands.ExitStatus.worst(of: [status]) == status)
        }
    }

    // MARK: Limits

    @Test(arguments: 1...6)
    func threadsStayWithinTheirBudget(threads: Int) throws {
        let job = try place.read(
            JobPlace.yaml("settings: [{}, {name: x}, {name: y}, {name: z}]\n"))
        let worker = FakeWorker()
        #expect(BatchRun(job, worker, threads: threads).run().status == .done)
        worker.record.withLock { record in
            #expect(record.mostThreads <= threads)
            #expect(record.mostTasks <= threads)
        }
    }

    @Test func memoryStaysWithinItsLimit() throws {
        let job = try place.read(JobPlace.yaml("settings: [{}, {name: x}, {name: y}]\n"))
        var random = MutationRandom(state: 5)
        var needs: [String: Int] = [:]
        for task in job.tasks { needs[task.line] = 1 + random.below(50) }
        let worker = FakeWorker(needs: needs, residentBytes: 30)
        #expect(BatchRun(job, worker, threads: 6, memoryBytes: 100).run().status == .done)
        worker.record.withLock { record in
            #expect(record.mostBytes <= 100)
            #expect(record.made.count == job.tasks.count)
        }
    }

    @Test func whatFitsNowhereIsMadeAlone() throws {
        let job = try place.read(JobPlace.yaml())
        let worker = FakeWorker(residentBytes: 1000)
        #expect(BatchRun(job, worker, threads: 6, memoryBytes: 100).run().status == .done)
        worker.record.withLock { #expect($0.mostTasks == 1) }
    }

    // MARK: Admission

    @Test func admissionSharesThreadsAmongThoseThatFit() {
        var admission = BatchAdmission(
            needs: [40, 40, 40], residentBytes: 10,
            limits: BatchLimits(threads: 4, memoryBytes: 100))
        #expect(admission.start() == BatchAdmission.Start(index: 0, threads: 2))
        #expect(admission.start() == BatchAdmission.Start(index: 1, threads: 2))
        #expect(admission.start() == nil)
        admission.end(0)
        #expect(admission.start() == BatchAdmission.Start(index: 2, threads: 2))
        #expect(!admission.isDone)
        admission.end(1)
        admission.end(2)
        #expect(admission.isDone)
    }

    @Test func admissionNeverLetsASmallTaskPassALargeOne() {
        var admission = BatchAdmission(
            needs: [60, 60, 1], residentBytes: 0,
            limits: BatchLimits(threads: 3, memoryBytes: 100))
        #expect(admission.start()?.index == 0)
        #expect(admission.start() == nil)
        admission.end(0)
        #expect(admission.start()?.index == 1)
        #expect(admission.start()?.index == 2)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func admissionKeepsItsLimits(seed: UInt64) {
        var random = MutationRandom(state: seed)
        let needs = (0..<random.below(30)).map { _ in random.below(60) }
        let limits = BatchLimits(threads: 1 + random.below(5), memoryBytes: 10 + random.below(90))
        let resident = random.below(40)
        var admission = BatchAdmission(needs: needs, residentBytes: resident, limits: limits)
        var (running, begun): ([Int: Int], [Int]) = ([:], [])
        while !admission.isDone {
            if let start = admission.start() {
                running[start.index] = start.threads
                begun.append(start.index)
                #expect(start.threads >= 1, "seed \(seed)")
            } else if let index = running.keys.randomElement(using: &random) {
                running[index] = nil
                admission.end(index)
            } else {
                Issue.record("seed \(seed): nothing runs and nothing may begin")
                return
            }
            #expect(running.values.reduce(0, +) <= limits.threads, "seed \(seed)")
            let bytes = resident + running.keys.reduce(0) { $0 + needs[$1] }
            #expect(bytes <= limits.memoryBytes || running.count <= 1, "seed \(seed)")
        }
        #expect(begun == Array(needs.indices), "seed \(seed)")
    }

    // MARK: Progress

    @Test func withoutATerminalThereIsALinePerVariant() throws {
        let job = try place.read(JobPlace.yaml(models: "[{file: a.h5}]"))
        let lines = LineCollector()
        let log = BatchLog(isQuiet: false, isTerminal: false) { lines.add($0) }
        let run = BatchRun(
            job: job, shard: .whole, worker: FakeWorker(infeasible: ["a/p3"]),
            limits: BatchLimits(threads: 1, memoryBytes: 1 << 20), log: log)
        _ = run.run()
        let text = lines.all.map { $0.replacing(/\(.*s\)/, with: "(t)") }
        #expect(
            text == [
                "1/3 a/p1:v1: new, 50.0 KiB (t)\n",
                "2/3 a/p2:v1: new, 50.0 KiB (t)\n",
                "3/3 a/p3: infeasible, budget.file-kib cannot be met (t)\n",
                "warning: a: the samples are few\n",
            ])
    }

    @Test func inATerminalOneLineChanges() throws {
        let job = try place.read(JobPlace.yaml(models: "[{file: a.h5}]"))
        let lines = LineCollector()
        let log = BatchLog(isQuiet: false, isTerminal: true) { lines.add($0) }
        let run = BatchRun(
            job: job, shard: .whole, worker: FakeWorker(),
            limits: BatchLimits(threads: 1, memoryBytes: 1 << 20), log: log)
        _ = run.run()
        #expect(lines.all.contains("\r\u{1B}[K0 of 3 done; opening a…"))
        #expect(lines.all.contains("\r\u{1B}[K2 of 3 done; a/p3…"))
        #expect(lines.all.last == "\r\u{1B}[K")
    }
}

/// What a log wrote.
private final class LineCollector: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
