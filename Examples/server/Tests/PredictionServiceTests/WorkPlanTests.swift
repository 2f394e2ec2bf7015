import Testing

@testable import PredictionService

@Suite struct WorkPlanTests {
    /// Admits a piece that a test knows to have room.
    private func admit(_ plan: inout WorkPlan, _ ms: Double) throws -> UInt64 {
        let id = plan.admit(ms: ms)
        return try #require(id)
    }

    private func takesOne(_ plan: inout WorkPlan, _ ms: Double = 1) -> Bool {
        plan.admit(ms: ms) != nil
    }

    @Test func nobodyWaitsWhileAWorkerIsFree() throws {
        var plan = WorkPlan(workers: 2, mostWaiting: 10)
        #expect(plan.waitMs(atMs: 0) == 0)
        plan.begin(try admit(&plan, 100), atMs: 0)
        #expect(plan.waitMs(atMs: 0) == 0)
    }

    @Test func theNextOneWaitsForWhoeverEndsFirst() throws {
        var plan = WorkPlan(workers: 2, mostWaiting: 10)
        let first = try admit(&plan, 100)
        let second = try admit(&plan, 30)
        plan.begin(first, atMs: 0)
        plan.begin(second, atMs: 10)
        #expect(plan.waitMs(atMs: 10) == 30)
        // 30 more behind the second: it ends at 70, before the first at 100.
        _ = try admit(&plan, 30)
        #expect(plan.waitMs(atMs: 10) == 60)
        _ = try admit(&plan, 50)
        #expect(plan.waitMs(atMs: 10) == 90)
        plan.end(second)
        // 30 begins at 20 and ends at 50, then 50 more; the first ends at 100 as well.
        #expect(plan.waitMs(atMs: 20) == 80)
    }

    @Test func whatTakesLongerThanPredictedCountsAsAboutToEnd() throws {
        var plan = WorkPlan(workers: 1, mostWaiting: 10)
        plan.begin(try admit(&plan, 5), atMs: 0)
        #expect(plan.waitMs(atMs: 4) == 1)
        #expect(plan.waitMs(atMs: 50) == 0)
    }

    @Test func onlySoManyWait() throws {
        var plan = WorkPlan(workers: 1, mostWaiting: 2)
        let first = try admit(&plan, 1)
        _ = try admit(&plan, 1)
        let third = try admit(&plan, 1)
        #expect(!takesOne(&plan))
        plan.begin(first, atMs: 0)
        #expect(!takesOne(&plan))
        plan.end(first)
        plan.end(first)
        #expect(takesOne(&plan))
        #expect(!takesOne(&plan))
        // Given up before it began.
        plan.end(third)
        #expect(takesOne(&plan))
        #expect(plan.waitingCount == 3)
    }

    @Test func numbersThatMakeNoSenseDoNoHarm() {
        var plan = WorkPlan(workers: -1, mostWaiting: -5)
        #expect(takesOne(&plan, -100))
        #expect(plan.waitMs(atMs: 0) == 0)
        #expect(!takesOne(&plan))
        plan.begin(99, atMs: 0)
        plan.end(99)
    }
}

@Suite struct OverheadTests {
    @Test func itFollowsWhatIsUsualAndNotWhatIsRare() {
        let overhead = Overhead()
        #expect(overhead.ms == 0)
        for _ in 0..<100 { overhead.observe(0.4) }
        #expect(abs(overhead.ms - 0.4) < 0.001)
        overhead.observe(10_000)
        #expect(overhead.ms < 0.6)
        let before = overhead.ms
        overhead.observe(.nan)
        overhead.observe(.infinity)
        overhead.observe(-1)
        #expect(overhead.ms == before)
    }
}
