import FleetSimulation
import Foundation
import RuntimeAdapter
import Testing

@Suite("Simulated fleets")
struct SimulationTests {
    /// Three variants and their base around the manifest of the repository's samples.
    static func catalogue() throws -> VariantCatalogue {
        let sample = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../../docs/samples/manifest-1.json")
        let manifest = try Data(contentsOf: sample.standardizedFileURL)
        let candidates = try [
            ("low-end-phone-3g", 200_000, 0.86), ("phone-4g", 450_000, 0.9),
            ("laptop-wifi", 800_000, 0.92), ("base", 2_400_000, 0.93),
        ].enumerated().map { number, variant in
            var candidate = try CandidateDescription(
                manifest: manifest, model: "net", reference: "net/\(variant.0):v1",
                digest: "sha256:" + String(repeating: "\(number)", count: 64))
            candidate.fileDigest = candidate.digest
            candidate.fileBytes = variant.1
            candidate.accuracy = variant.2
            if variant.0 == "base" { candidate.kind = .base }
            return candidate
        }
        return VariantCatalogue(candidates)
    }

    private static var small: WorldOptions {
        var options = WorldOptions()
        options.clients = 60
        return options
    }

    private func tally(
        _ policy: Policy, seed: UInt64 = 1, _ options: WorldOptions = small
    ) throws -> (plan: FleetPlan, tally: Tally) {
        let plan = FleetPlan(seed: seed, options: options)
        var simulation = try Simulation(
            policy, plan: plan, catalogue: Self.catalogue().scaled(by: 1), family: "net",
            seed: seed, options: options)
        return (plan, simulation.run())
    }

    @Test("two runs are the same, two seeds are not", arguments: Policy.allCases)
    func determinism(_ policy: Policy) throws {
        let (one, other) = (try tally(policy).tally, try tally(policy).tally)
        #expect(one == other)
        #expect(try tally(policy, seed: 2).tally != one)
    }

    @Test("how fast the simulation runs changes nothing")
    func virtualTime() throws {
        // Of measured devices the selector takes only so many for each minute of a real clock.
        var options = Self.small
        options.clients = 300
        let one = try tally(.adapterMeasured, options).tally
        #expect(try tally(.adapterMeasured, options).tally == one)
    }

    @Test("every request is done exactly once", arguments: Policy.allCases)
    func conservation(_ policy: Policy) throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let (plan, tally) = try tally(policy, seed: seed)
            #expect(tally.whole.requests == plan.requestCount)
            #expect(tally.first.requests == plan.sessions.count)
            #expect(tally.live.requests + tally.tap.requests == plan.requestCount)
            #expect(tally.classes.reduce(0) { $0 + $1.requests } == plan.requestCount)
            #expect(tally.hours.reduce(0) { $0 + $1.requests } == plan.requestCount)
            #expect(tally.whole.answered <= tally.whole.requests)
            #expect(tally.whole.hits <= tally.whole.answered)
            #expect(tally.latencies.allSatisfy { $0 >= 0 && $0 <= 10_000 })
        }
    }

    @Test("what moves is what the policy moves")
    func movement() throws {
        let cloud = try tally(.cloud).tally
        #expect(cloud.downloadedBytes == 0)
        #expect(cloud.uploadedBytes == Double(cloud.whole.requests) * Self.small.inputBytes)
        let installed = try tally(.installed).tally
        #expect(installed.downloadedBytes == 0 && installed.uploadedBytes == 0)
        let base = try tally(.fixedBase).tally
        #expect(base.downloadedBytes == Double(base.downloads) * 2_400_000)
        #expect(base.swaps == 0)
    }

    @Test("where nothing varies, the adapter and the oracle keep all but first deadlines")
    func ideal() throws {
        var options = Self.small
        options.classDeviation = 0
        options.variantDeviation = 0
        options.deviceDeviation = 0
        options.driftDeviation = 0
        options.jitterDeviation = 0
        options.hiccupShare = 0
        options.hotSlowdown = 1
        // A camera would not wait for the first answer.
        options.liveShare = 0
        options.tapDeadlineMs = 1000
        for policy in [Policy.adapter, .oracle, .installed] {
            let tally = try tally(policy, seed: 1, options).tally
            let later = tally.whole.requests - tally.first.requests
            #expect(tally.whole.hits - tally.first.hits == later)
        }
    }

    @Test("sessions follow the day, and are as many as planned")
    func diurnal() {
        var options = WorldOptions()
        options.clients = 5000
        let plan = FleetPlan(seed: 5, options: options)
        #expect(abs(Double(plan.sessions.count) / 20_000 - 1) < 0.03)
        var hours = Array(repeating: 0.0, count: 24)
        for session in plan.sessions { hours[Int(session.beginMs / 3_600_000)] += 1 }
        for hour in 0..<24 {
            let expected =
                FleetPlan.load(atMs: (Double(hour) + 0.5) * 3_600_000, options) * 20_000 / 24
            #expect(abs(hours[hour] - expected) < 5 * expected.squareRoot())
        }
        let live = plan.sessions.filter(\.isLive)
        #expect(abs(Double(live.count) / Double(plan.sessions.count) - options.liveShare) < 0.02)
        let requests = live.reduce(0) { $0 + $1.offsetsMs.count }
        #expect(abs(Double(requests) / Double(live.count) / options.liveRequests - 1) < 0.05)
    }

    @Test("an interval holds its mean, and one seed has none")
    func intervals() {
        let interval = Interval(of: [1, 2, 3, 4, 5])
        #expect(interval.mean == 3)
        #expect(interval.low < 3 && interval.high > 3 && interval.low >= 1 && interval.high <= 5)
        #expect(Interval(of: [2]) == Interval(of: [2, 2]))
    }

    @Test("a family that is not there is refused")
    func refusals() throws {
        let plan = FleetPlan(seed: 1, options: Self.small)
        #expect(throws: FleetError.noFamily("other")) {
            _ = try Simulation(
                .adapter, plan: plan, catalogue: Self.catalogue(), family: "other", seed: 1,
                options: Self.small)
        }
    }
}
