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
                pinnedLines: ["net/small"],
                rollout: RolloutPlan(.canary(share: 1.0 / 3), errorShare: 0.1)),
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
// @unchecked: used by one thread at a time, made by one and run by another.
final class SoakDirector: @unchecked Sendable {
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
        // Everything once at least, however slow the machine is.
        while elapsed < seconds || round < 10 {
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
            case 2: try swap(line, .rolledBack)
            // Of the pinned line, as that is always loaded: only what is in use is superseded by a canary.
            case 6: try swap(0, .failing)
            default: try swap(line, .promoted)
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

    /// What becomes of a new version.
    private enum Outcome {
        case promoted, rolledBack
        /// Its answers are errors, which the adapter is to find out.
        case failing
    }

    /// A new version for a third of the clients, then for all, or for none.
    private func swap(_ line: Int, _ outcome: Outcome) throws {
        let digest = try store.publish(line).digest.text
        if case .failing = outcome { state.fail(digest) }
        let name = SoakStore.lines[line].name
        let began = elapsed
        while elapsed - began < 30 {
            let status = adapter.status
            let isReady = status.variants.contains { $0.digest == digest && $0.phase == .ready }
            guard isReady else {
                pause(0.01)
                continue
            }
            result.swaps.append(elapsed - began)
            if status.rollouts.contains(where: { $0.line == name && $0.new == digest }) {
                pause(0.3)
                try end(name, outcome)
            } else {
                // Nobody had the version before.
                count("new versions without one before them")
            }
            return
        }
        count("versions that nobody asked for in 30 s")
    }

    private func end(_ line: String, _ outcome: Outcome) throws {
        switch outcome {
        case .promoted:
            try adapter.promote(line: line)
            count("hot swaps, a third of the clients first")
        case .rolledBack:
            try adapter.rollBack(line: line)
            count("canaries rolled back by hand")
        case .failing:
            let began = elapsed
            while elapsed - began < 10 {
                let rollout = adapter.status.rollouts.first { $0.line == line }
                if rollout?.stage == .rolledBack(.errors) {
                    count("canaries that fail, rolled back by the adapter")
                    return
                }
                pause(0.01)
            }
            throw SoakFailure("\(line): a version that fails was not rolled back")
        }
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
