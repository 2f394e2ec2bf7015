import Foundation
import Logging
import RuntimeAdapterTesting
import Synchronization
import Testing

@testable import RuntimeAdapter

/// Requests from several threads while everything changes under them: none fails, none is served wrongly.
@Suite struct HotSwapTests {
    /// What requests saw.
    private struct Tally: Sendable {
        var served = 0
        var wrong = 0
        var failures: [String] = []
    }

    /// Asks again and again until told to stop.
    private func ask(
        _ adapter: RuntimeAdapter<TestModel>, seed: UInt64, stop: Stop,
        content: @Sendable (CandidateDescription) -> [UInt8]
    ) async -> Tally {
        var random = SeededGenerator(seed: seed)
        var tally = Tally()
        var held: [Lease<TestModel>] = []
        while !stop.isSet || tally.served < 100 {
            var context = RequestContext(
                model: "net", client: "c\(Int.random(in: 0..<1000, using: &random))")
            if Bool.random(using: &random) {
                context.device.memoryMiB = Double(Int.random(in: 1...6, using: &random))
            }
            do {
                let lease = try await adapter.lease(for: context)
                tally.served += 1
                held.append(lease)
                if held.count > 2 { held.remove(at: Int.random(in: 0..<2, using: &random)) }
                for lease in held
                where lease.model.isGone || lease.model.digest != lease.candidate.digest
                    || lease.model.content != content(lease.candidate)
                {
                    tally.wrong += 1
                }
            } catch { tally.failures.append("\(error)") }
            await Task.yield()
        }
        return tally
    }

    private final class Stop: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock { $0 } }
        func set() { state.withLock { $0 = true } }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func aHundredSwapsUnderLoad(seed: UInt64) async throws {
        /// Six lines, the larger the more accurate.
        func catalogue(_ number: Int) -> VariantCatalogue {
            VariantCatalogue(
                (1...6).map { size in
                    var candidate = Sample.candidate(
                        number * 10 + size, accuracy: 0.8 + Double(size) / 100,
                        memoryBytes: size << 20)
                    candidate.reference = "net/size\(size):v\(number)"
                    candidate.fileDigest = BlobDigestText.of(Self.content(candidate))
                    return candidate
                })
        }
        var contents: [String: [UInt8]] = [:]
        for number in 1...60 {
            for candidate in catalogue(number).candidates {
                contents[candidate.digest] = Self.content(candidate)
            }
        }
        let source = MemorySource(catalogue(1), contents: contents)
        let loader = TestLoader()
        // Room for half of them, so that others have to go for those that are asked for.
        let adapter = try await RuntimeAdapter(
            source: source, loader: loader,
            options: AdapterOptions(
                lifecycle: LifecycleOptions(budgetBytes: 12 << 20), pinnedLines: ["net/size1"]),
            clock: ManualClock(), logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        for candidate in catalogue(1).candidates {
            _ = try await adapter.ready(candidate)
            adapter.change { $0.machine.release(candidate.digest) }
        }
        let stop = Stop()
        var random = SeededGenerator(seed: seed)
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    await ask(
                        adapter, seed: seed * 10 + UInt64(worker), stop: stop,
                        content: Self.content)
                }
            }
            for _ in 0..<100 {
                // Forwards and back: swaps and roll-backs.
                let next = catalogue(Int.random(in: 1...60, using: &random))
                source.replace(next)
                try await adapter.refresh()
                let wanted = next.candidates.last?.digest
                await until("the swap is done") {
                    adapter.status.variants.contains { $0.digest == wanted && $0.phase == .ready }
                }
                #expect(adapter.state.withLock { $0.machine.violations } == [])
            }
            stop.set()
            return try await group.reduce(into: Tally()) { sum, tally in
                sum.served += tally.served
                sum.wrong += tally.wrong
                sum.failures += tally.failures
            }
        }
        #expect(tally.failures.prefix(3) == [], "seed \(seed)")
        #expect(tally.wrong == 0, "seed \(seed)")
        #expect(tally.served > 100)
        #expect(loader.overlaps == 0)
        #expect(adapter.status.evictions > 0)
        adapter.shutDown()
        await until("everything is unloaded") { adapter.status.heldBytes == 0 }
    }

    private static func content(_ candidate: CandidateDescription) -> [UInt8] {
        Array("file of \(candidate.reference)".utf8)
    }

    @Test func aStoreThatVanishesAndReturnsUnderLoad() async throws {
        let folder = try StoreFolder()
        try folder.publish(1)
        let contents = (1...9).map(StoreFolder.content)
        let clock = ManualClock()
        let adapter = try await RuntimeAdapter(
            source: StoreSource(folder.path, interval: .seconds(1), clock: clock),
            loader: TestLoader(),
            // The clock runs far ahead of the disk.
            options: AdapterOptions(
                lifecycle: LifecycleOptions(
                    fetchDeadline: .seconds(1 << 40), loadDeadline: .seconds(1 << 40),
                    firstBackoff: .milliseconds(1), longestBackoff: .milliseconds(1))),
            clock: clock,
            logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        let start = try await adapter.lease(for: RequestContext(model: "net", accuracyFloor: 0.88))
        start.release()
        let stop = Stop()
        let follower = Task { await adapter.follow() }
        func look(_ what: Comment, _ condition: () -> Bool) async {
            await until(what) {
                clock.advance(by: .seconds(1))
                return condition()
            }
        }
        let asking = Task {
            await withTaskGroup(of: Tally.self) { group in
                for worker in 0..<3 {
                    group.addTask {
                        await ask(adapter, seed: UInt64(worker), stop: stop) { candidate in
                            candidate.kind == .base
                                ? [UInt8](repeating: 7, count: 5000)
                                : contents.first {
                                    BlobDigestText.of($0) == candidate.fileDigest
                                } ?? []
                        }
                    }
                }
                return await group.reduce(into: Tally()) { sum, tally in
                    sum.served += tally.served
                    sum.wrong += tally.wrong
                    sum.failures += tally.failures
                }
            }
        }
        for round in 0..<3 {
            try folder.vanish()
            await look("the store is missed") { adapter.status.sourceFailure != nil }
            try folder.comeBack()
            await look("the store is back") { adapter.status.sourceFailure == nil }
            let index = try Data(contentsOf: folder.index)
            try index.prefix(index.count / 2).write(to: folder.index)
            await look("the index is torn") { adapter.status.sourceFailure != nil }
            try index.write(to: folder.index)
            await look("the index is whole") { adapter.status.sourceFailure == nil }
            let digest = try folder.publish(round + 2)
            await look("the new version serves") {
                adapter.status.variants.contains { $0.digest == digest && $0.phase == .ready }
            }
        }
        try folder.makeLatest("net/phone:v1")
        await look("the first version serves again") {
            adapter.status.variants.contains {
                $0.reference == "net/phone:v1" && $0.phase == .ready
            }
        }
        stop.set()
        let tally = await asking.value
        #expect(tally.failures.prefix(3) == [])
        #expect(tally.wrong == 0)
        #expect(tally.served > 100)
        follower.cancel()
        await follower.value
    }
}
