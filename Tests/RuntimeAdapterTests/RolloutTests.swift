import Testing

@testable import RuntimeAdapter

/// Who gets a new version, and when it goes again.
@Suite struct RolloutTests {
    private func rollout(_ plan: RolloutPlan) -> Rollout {
        Rollout(line: "net/phone", from: "old", to: "new", plan: plan)
    }

    /// The share is kept to within five standard deviations, and whoever has the new version keeps it.
    @Test(arguments: [0.0, 0.01, 0.1, 0.5, 1.0])
    func clientsAreDividedByShareAndStay(share: Double) {
        var rollout = rollout(RolloutPlan(.canary(share: share)))
        let clients = (0..<20_000).map { "client-\($0)" }
        let chosen = clients.filter { rollout.arm(for: $0) == .new }
        let deviation = (share * (1 - share) * 20_000).squareRoot()
        #expect(abs(Double(chosen.count) - share * 20_000) <= 5 * deviation)
        #expect(rollout.arm(for: nil) == .old)
        rollout.widen(to: min(1, share * 2))
        #expect(chosen.allSatisfy { rollout.arm(for: $0) == .new })
        // Another line divides them otherwise.
        let other = Rollout(line: "net/laptop", from: "old", to: "new", plan: rollout.plan)
        if share == 0.1 {
            let both = chosen.count { other.arm(for: $0) == .new }
            #expect(both < chosen.count / 2)
        }
    }

    @Test func shadowsServeTheOldOne() {
        var rollout = rollout(RolloutPlan(.shadow))
        #expect(rollout.arm(for: "a") == .shadow)
        rollout.promote()
        #expect(rollout.arm(for: "a") == .new)
        rollout.rollBack()
        #expect(rollout.arm(for: "a") == .old)
        #expect(rollout.stage == .rolledBack(.request))
    }

    /// Of good versions hardly one is rolled back, of bad ones none stays.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func badVersionsGoAndGoodOnesStay(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var wrong = 0
        for _ in 0..<50 {
            var good = rollout(RolloutPlan(latencyMs: 100, errorShare: 0.02))
            var bad = good
            var slow = good
            for number in 0..<2000 {
                func share(_ value: Double) -> Bool {
                    Double.random(in: 0..<1, using: &random) < value
                }
                let client = "c\(number)"
                _ = good.record(
                    latencyMs: share(0.03) ? 200 : 20, failed: share(0.01), client: client)
                _ = bad.record(latencyMs: 20, failed: share(0.06), client: client)
                _ = slow.record(latencyMs: share(0.15) ? 200 : 20, failed: false, client: client)
            }
            if good.stage != .running { wrong += 1 }
            #expect(bad.stage == .rolledBack(.errors), "seed \(seed)")
            #expect(slow.stage == .rolledBack(.latency), "seed \(seed)")
        }
        #expect(wrong <= 1, "seed \(seed)")
    }

    @Test func goodOnesArePromotedIfThatIsAsked() {
        var rollout = rollout(RolloutPlan(latencyMs: 100, promotesItself: true))
        var stage: Rollout.Stage?
        for number in 0..<5000 where stage == nil {
            stage = rollout.record(latencyMs: 10, failed: false, client: "c\(number)")
        }
        #expect(stage == .promoted)
        #expect(rollout.observations > 50)
    }

    /// One client alone decides nothing, whatever it says.
    @Test func oneClientAloneRollsNothingBack() {
        var rollout = rollout(RolloutPlan(latencyMs: 1))
        for _ in 0..<100_000 {
            _ = rollout.record(latencyMs: 1e9, failed: true, client: "liar")
            _ = rollout.record(latencyMs: .nan, failed: false, client: "liar")
            _ = rollout.record(latencyMs: -.infinity, failed: false, client: "liar")
        }
        #expect(rollout.stage == .running)
        #expect(rollout.observations == 8)
        // The server's own word counts.
        for _ in 0..<50 { _ = rollout.record(latencyMs: nil, failed: true, client: nil) }
        #expect(rollout.stage == .rolledBack(.errors))
    }

    @Test(arguments: [Double.nan, -.infinity, .infinity, -1, 0, 1e300])
    func absurdPlansAreMovedIntoRange(number: Double) {
        var rollout = rollout(
            RolloutPlan(
                .canary(share: number), latencyMs: number, slowShare: number, errorShare: number,
                leastObservations: .min, mostPerClient: .min, falseAlarms: number))
        _ = rollout.arm(for: "a")
        for _ in 0..<1000 { _ = rollout.record(latencyMs: number, failed: true, client: nil) }
        #expect(rollout.stage != .running)
    }

    @Test func linesAreReferencesWithoutVersions() {
        var candidate = Sample.candidate(1)
        candidate.reference = "net/phone+int8:v12"
        #expect(candidate.line == "net/phone+int8")
        #expect(candidate.version == 12)
        candidate.kind = .base
        candidate.reference = "net:base-0123456789ab"
        #expect(candidate.line == "net:base")
        #expect(candidate.version == 0)
    }
}
