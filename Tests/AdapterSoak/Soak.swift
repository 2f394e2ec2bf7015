import Foundation
import Logging
import RuntimeAdapter
import VariantStore

/// Clients that ask all the time, while a store lives through everything.
struct Soak {
    let seconds: Double
    let clients: Int
    let sample: URL
    private let state = SoakState()

    init(seconds: Double, clients: Int, sample: URL) {
        self.seconds = seconds
        self.clients = clients
        self.sample = sample
    }

    func run() async throws -> SoakReport {
        let folder = FileManager.default.temporaryDirectory.appending(path: "soak-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SoakStore(folder: folder, sample: sample, state: state)
        for line in SoakStore.lines.indices { try store.publish(line) }
        let adapter = try await RuntimeAdapter(
            source: try store.source, loader: SoakLoader(),
            options: AdapterOptions(
                // Room for about half of the lines.
                lifecycle: LifecycleOptions(
                    budgetBytes: 10 << 20, firstBackoff: .milliseconds(50),
                    longestBackoff: .milliseconds(500)),
                pinnedLines: ["net/small"]),
            logger: Logger(label: "soak") { _ in SwiftLogNoOpLogHandler() })
        try await adapter.lease(for: RequestContext(model: "net", device: .init(memoryMiB: 0.5)))
            .release()
        let following = Task { await adapter.follow() }
        let asking = Task {
            await withTaskGroup(of: [Trouble: Tally].self) { group in
                for number in 0..<clients {
                    group.addTask {
                        await SoakClient(adapter: adapter, state: state)
                            .run(seed: UInt64(number))
                    }
                }
                return await group.reduce(into: [Trouble: Tally]()) { sum, tallies in
                    for (trouble, tally) in tallies { sum[trouble, default: Tally()].add(tally) }
                }
            }
        }
        let director = SoakDirector(store: store, adapter: adapter, state: state)
        // On a thread of its own: it waits for disks.
        let directed = await withCheckedContinuation { done in
            Thread { done.resume(returning: Result { try director.run(seconds: seconds) }) }
                .start()
        }
        state.stop()
        let tallies = await asking.value
        following.cancel()
        await following.value
        let status = adapter.status
        adapter.shutDown()
        return SoakReport(
            seconds: seconds, clients: clients, tallies: tallies, directed: try directed.get(),
            evictions: status.evictions, hitRate: status.hitRate)
    }
}

/// What was done to the store, and what memory did meanwhile.
struct Directed: Sendable {
    var counts: [String: Int] = [:]
    var troubled: [Trouble: Double] = [:]
    /// Resident bytes, every so often.
    var memory: [Int] = []
    /// Seconds from a publication to its serving.
    var swaps: [Double] = []
}

/// Decides what happens next.
final class SoakDirector: @unchecked Sendable {
    // Used by one thread at a time: made by one, run by another.
    private let store: SoakStore
    private let adapter: RuntimeAdapter<SoakModel>
    private let state: SoakState
    private var result = Directed()
    private var start = ContinuousClock.now
    private var lastSample = -Double.infinity

    init(store: SoakStore, adapter: RuntimeAdapter<SoakModel>, state: SoakState) {
        self.store = store
        self.adapter = adapter
        self.state = state
    }

    private var elapsed: Double { start.duration(to: .now) / .seconds(1) }

    func run(seconds: Double) throws -> Directed {
        start = .now
        var round = 0
        while elapsed < seconds {
            let line = Int.random(in: 0..<SoakStore.lines.count)
            // The smallest one always serves, so that every request can be answered.
            let other = Int.random(in: 1..<SoakStore.lines.count)
            switch round % 10 {
            case 3: try trouble(.gone, { try store.vanish() }, { try store.comeBack() })
            case 5:
                var whole = Data()
                try trouble(.torn, { whole = try store.tear() }, { try store.mend(whole) })
            case 7:
                try trouble(
                    .spoiled, { try store.spoil(store.publish(other)) },
                    { try store.goBack(other) })
            case 8:
                try trouble(
                    .unsigned, { try store.publish(other, isSigned: false) },
                    { try store.goBack(other) })
            case 4, 9:
                try store.goBack(line)
                count("roll-backs in the store")
            case 6: try rollOut(line)
            default: try swap(line)
            }
            if round % 10 == 9 { try store.clear() }
            round += 1
            pause(0.3)
        }
        return result
    }

    private func count(_ what: String) { result.counts[what, default: 0] += 1 }

    /// Waits, and looks at the memory meanwhile.
    private func pause(_ seconds: Double) {
        Thread.sleep(forTimeInterval: seconds)
        guard elapsed - lastSample >= 1 else { return }
        lastSample = elapsed
        result.memory.append(Memory.residentBytes)
    }

    private func trouble(
        _ trouble: Trouble, _ begin: () throws -> Void, _ end: () throws -> Void
    ) throws {
        state.trouble = trouble
        let began = elapsed
        try begin()
        for _ in 0..<4 { pause(0.3) }
        try end()
        result.troubled[trouble, default: 0] += elapsed - began
        state.trouble = .none
        count(trouble.words)
    }

    /// A new version, until it serves.
    @discardableResult
    private func swap(_ line: Int) throws -> String {
        let digest = try store.publish(line).digest.text
        let began = elapsed
        while elapsed - began < 30 {
            let isReady = adapter.status.variants.contains {
                $0.digest == digest && $0.phase == .ready
            }
            if isReady {
                result.swaps.append(elapsed - began)
                count("hot swaps")
                return digest
            }
            pause(0.01)
        }
        count("versions that nobody asked for in 30 s")
        return digest
    }

    /// A new version for a third of the clients, then for all or none.
    private func rollOut(_ line: Int) throws {
        try swap(line)
        guard let (old, new) = store.lastTwo(line) else { return }
        let plan = RolloutPlan(.canary(share: 1.0 / 3))
        do { try adapter.startRollout(from: old, to: new, plan: plan) } catch {
            count("roll-outs whose old version was gone")
            return
        }
        pause(0.6)
        let name = SoakStore.lines[line].name
        // It may have ended by itself meanwhile.
        let isBack = Bool.random()
        do {
            if isBack { try adapter.rollBack(line: name) } else { try adapter.promote(line: name) }
            count(isBack ? "canaries rolled back" : "canaries promoted")
        } catch { count("canaries that ended by themselves") }
    }
}

/// What the kernel says of this process.
enum Memory {
    static var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(getpagesize())
    }
}
