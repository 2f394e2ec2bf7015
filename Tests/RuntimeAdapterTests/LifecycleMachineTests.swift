import Testing

@testable import RuntimeAdapter

/// The lifecycle as a value: whatever the events, its promises hold.
@Suite struct LifecycleMachineTests {
    private func machine(_ budget: Int = 100) -> LifecycleMachine {
        LifecycleMachine(options: LifecycleOptions(budgetBytes: budget))
    }

    /// Brings a variant into service; the attempt.
    @discardableResult
    private func load(
        _ digest: String, bytes: Int = 10, in machine: inout LifecycleMachine, tookMs: Double = 1
    ) throws -> UInt64 {
        let wanted = machine.want(digest, bytes: bytes, atMs: 0)
        guard case .fetch(_, let attempt) = try #require(wanted.first) else {
            Issue.record("\(wanted)")
            return 0
        }
        let admitted = machine.fetched(digest, attempt: attempt, atMs: 0)
        #expect(admitted.last == .load(digest, attempt: attempt))
        let ready = machine.loaded(digest, attempt: attempt, atMs: tookMs)
        #expect(ready == [.announce(digest)])
        return attempt
    }

    @Test func oneFlightForEachDigest() throws {
        var machine = machine()
        #expect(machine.want("a", bytes: 10, atMs: 0) == [.fetch("a", attempt: 1)])
        #expect(machine.want("a", bytes: 10, atMs: 1) == [])
        #expect(machine.fetched("a", attempt: 1, atMs: 2) == [.load("a", attempt: 1)])
        #expect(machine.want("a", bytes: 10, atMs: 3) == [])
        #expect(machine.phase(of: "a") == .warming)
        #expect(machine.loaded("a", attempt: 1, atMs: 4) == [.announce("a")])
        #expect(machine.want("a", bytes: 10, atMs: 5) == [.announce("a")])
    }

    @Test func failuresBackOffAndAreTriedAgain() {
        var machine = machine()
        var now = 0.0
        for attempt in 1...12 as ClosedRange<UInt64> {
            #expect(
                machine.want("a", bytes: 10, atMs: now) == [.fetch("a", attempt: attempt)])
            #expect(
                machine.failed("a", attempt: attempt, .fetch, atMs: now)
                    == [.giveUp("a", .fetch)])
            #expect(machine.want("a", bytes: 10, atMs: now) == [.giveUp("a", .fetch)])
            let wait = (machine.entries["a"]?.retryAtMs ?? 0) - now
            let due = min(300_000, 1000 * Double(1 << (attempt - 1)))
            #expect(wait >= due / 2 && wait <= due)
            #expect(
                machine.want("a", bytes: 10, atMs: now + wait - 1) == [.giveUp("a", .fetch)])
            now += wait
        }
    }

    @Test func whatHangsIsGivenUpOnAndUnloadedWhenItComes() throws {
        var machine = machine()
        _ = machine.want("a", bytes: 60, atMs: 0)
        _ = machine.fetched("a", attempt: 1, atMs: 0)
        let expired = machine.expired("a", attempt: 1, stage: .warming, atMs: 60_000)
        #expect(expired == [.giveUp("a", .timedOut)])
        // Long after the backoff no second one goes out, and the memory counts as taken.
        #expect(machine.want("a", bytes: 60, atMs: 1e9) == [.giveUp("a", .timedOut)])
        #expect(machine.heldBytes == 60)
        #expect(machine.loaded("a", attempt: 1, atMs: 1e9) == [.unload("a", attempt: 1)])
        #expect(machine.heldBytes == 60)
        #expect(machine.unloaded(attempt: 1) == [])
        #expect(machine.heldBytes == 0)
        #expect(machine.want("a", bytes: 60, atMs: 2e9) == [.fetch("a", attempt: 2)])
    }

    @Test func usersKeepWhatRetires() throws {
        var machine = machine()
        let attempt = try load("a", in: &machine)
        #expect(machine.acquire("a") == true)
        #expect(machine.acquire("a") == true)
        #expect(machine.retire("a", atMs: 0) == [])
        #expect(machine.phase(of: "a") == .retiring)
        #expect(machine.acquire("a") == false)
        #expect(machine.release("a") == [])
        #expect(machine.release("a") == [.unload("a", attempt: attempt)])
        #expect(machine.phase(of: "a") == nil)
        #expect(machine.release("a") == [])
    }

    @Test func whatRetiresAndIsWantedAgainStays() throws {
        var machine = machine()
        try load("a", in: &machine)
        #expect(machine.acquire("a") == true)
        _ = machine.retire("a", atMs: 0)
        #expect(machine.want("a", bytes: 10, atMs: 0) == [.announce("a")])
        #expect(machine.acquire("a") == true)
    }

    @Test func withdrawnOnTheWayAndWantedAgain() {
        var machine = machine()
        _ = machine.want("a", bytes: 10, atMs: 0)
        #expect(machine.retire("a", atMs: 0) == [.giveUp("a", .withdrawn)])
        #expect(machine.want("a", bytes: 10, atMs: 0) == [])
        #expect(machine.fetched("a", attempt: 1, atMs: 0) == [.load("a", attempt: 1)])
        #expect(machine.retire("a", atMs: 0) == [.giveUp("a", .withdrawn)])
        #expect(machine.expired("a", attempt: 1, stage: .warming, atMs: 1) == [])
        #expect(machine.want("a", bytes: 10, atMs: 2) == [.giveUp("a", .timedOut)])
        #expect(machine.loaded("a", attempt: 1, atMs: 3) == [.unload("a", attempt: 1)])
    }

    /// Of idle ones goes first what is cheap to bring back, large and seldom used.
    @Test func roomIsMadeByWorth() throws {
        var machine = machine(100)
        try load("slow", bytes: 40, in: &machine, tookMs: 900)
        try load("quick", bytes: 40, in: &machine, tookMs: 10)
        _ = machine.want("new", bytes: 50, atMs: 1000)
        // Not before the old one is unloaded.
        #expect(machine.fetched("new", attempt: 3, atMs: 1000) == [.unload("quick", attempt: 2)])
        #expect(machine.phase(of: "new") == .verified)
        #expect(machine.unloaded(attempt: 2) == [.load("new", attempt: 3)])
        #expect(machine.evictions == 1)
        // What is in use does not go, and nothing goes in vain.
        #expect(machine.acquire("slow") == true)
        _ = machine.loaded("new", attempt: 3, atMs: 1000)
        _ = machine.want("big", bytes: 70, atMs: 1000)
        #expect(machine.fetched("big", attempt: 4, atMs: 1000) == [])
        #expect(machine.phase(of: "new") == .ready)
        #expect(
            machine.expired("big", attempt: 4, stage: .fetching, atMs: 61_000)
                == [.dropFile("big", attempt: 4), .giveUp("big", .noRoom)])
        #expect(machine.want("huge", bytes: 101, atMs: 0) == [.giveUp("huge", .tooLarge)])
    }

    @Test func thePinnedOneComesAndStays() throws {
        var machine = machine(100)
        machine.pinned = ["base"]
        try load("base", bytes: 500, in: &machine)
        _ = machine.want("a", bytes: 10, atMs: 0)
        #expect(machine.fetched("a", attempt: 2, atMs: 0) == [])
        #expect(machine.phase(of: "base") == .ready)
        #expect(machine.violations == [])
    }

    /// Events at random, in any order, sensible or not: the invariants hold after each.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func invariantsHold(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let budget = 100
        var machine = machine(budget)
        let digests = (0..<8).map { "d\($0)" }
        var world = World()
        var now = 0.0
        for step in 0..<3000 {
            now += Double.random(in: -50...200, using: &random)
            let digest = digests.randomElement(using: &random) ?? ""
            let attempt = world.attempt(of: digest, using: &random)
            let actions: [LifecycleMachine.Action]
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1:
                let bytes = Int(digest.last?.hexDigitValue ?? 0) * 12 + 5
                actions = machine.want(digest, bytes: bytes, atMs: now)
            case 2:
                guard world.fetches[digest] == attempt else { continue }
                world.fetches[digest] = nil
                world.verified.insert(attempt)
                actions = machine.fetched(digest, attempt: attempt, atMs: now)
            case 3:
                guard world.loads[digest] == attempt else { continue }
                world.loads[digest] = nil
                actions = machine.loaded(digest, attempt: attempt, atMs: now)
            case 4:
                guard world.fetches[digest] == attempt || world.loads[digest] == attempt else {
                    continue
                }
                world.fetches[digest] = nil
                world.loads[digest] = nil
                actions = machine.failed(digest, attempt: attempt, .load, atMs: now)
            case 5:
                let stage = Bool.random(using: &random) ? VariantPhase.fetching : .warming
                actions = machine.expired(digest, attempt: attempt, stage: stage, atMs: now)
            case 6:
                actions = []
                if machine.acquire(digest) { world.users[digest, default: 0] += 1 }
            case 7:
                guard world.users[digest, default: 0] > 0 else { continue }
                world.users[digest, default: 0] -= 1
                actions = machine.release(digest)
            case 8: actions = machine.retire(digest, atMs: now)
            default:
                guard let gone = world.unloading.randomElement(using: &random) else { continue }
                world.unloading.remove(gone)
                actions = machine.unloaded(attempt: gone)
            }
            let problems = world.take(actions) + machine.violations
            #expect(problems == [], "seed \(seed) step \(step)")
            #expect(machine.heldBytes <= budget, "seed \(seed) step \(step)")
            if !problems.isEmpty { return }
        }
        #expect(world.loadCount > 20, "seed \(seed)")
    }
}

/// What is out there, as whoever does what a lifecycle asks for sees it.
private struct World {
    var fetches: [String: UInt64] = [:]
    var loads: [String: UInt64] = [:]
    var verified: Set<UInt64> = []
    var unloading: Set<UInt64> = []
    var users: [String: Int] = [:]
    var loadCount = 0

    func attempt(of digest: String, using random: inout SeededGenerator) -> UInt64 {
        fetches[digest] ?? loads[digest] ?? UInt64.random(in: 0..<40, using: &random)
    }

    /// Does what is asked for; what must not be asked for is a problem.
    mutating func take(_ actions: [LifecycleMachine.Action]) -> [String] {
        var problems: [String] = []
        for action in actions {
            switch action {
            case .fetch(let digest, let attempt):
                if fetches[digest] != nil || loads[digest] != nil {
                    problems.append("two of \(digest) are out")
                }
                fetches[digest] = attempt
            case .load(let digest, let attempt):
                if fetches[digest] != nil || loads[digest] != nil {
                    problems.append("two of \(digest) are out")
                }
                if !verified.contains(attempt) { problems.append("\(digest) was not verified") }
                loads[digest] = attempt
                loadCount += 1
            case .unload(let digest, let attempt):
                if users[digest, default: 0] > 0 { problems.append("\(digest) is in use") }
                unloading.insert(attempt)
            case .announce, .giveUp, .dropFile: break
            }
        }
        return problems
    }
}
