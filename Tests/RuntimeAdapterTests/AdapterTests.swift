import Logging
import MetricsTestKit
import RuntimeAdapterTesting
import ServiceLifecycle
import Synchronization
import Testing

@testable import RuntimeAdapter

/// The adapter as a server embeds it, over files in memory and a clock that the tests move.
@Suite struct AdapterTests {
    /// An adapter over the given candidates, and all that it was made of.
    private struct Fixture {
        let clock = ManualClock()
        let loader = TestLoader()
        let metrics = TestMetrics()
        let source: MemorySource
        let adapter: RuntimeAdapter<TestModel>

        init(
            _ candidates: [CandidateDescription], options: AdapterOptions = AdapterOptions(),
            observations: any ObservationStore = InMemoryObservationStore(),
            prepare: (TestLoader) -> Void = { _ in }
        ) async throws {
            prepare(loader)
            source = MemorySource(
                VariantCatalogue(candidates, devices: Sample.devices),
                contents: Fixture.contents(candidates))
            adapter = try await RuntimeAdapter(
                source: source, loader: loader, options: options, observations: observations,
                clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                metrics: metrics)
        }

        static func contents(_ candidates: [CandidateDescription]) -> [String: [UInt8]] {
            var contents: [String: [UInt8]] = [:]
            for candidate in candidates { contents[candidate.digest] = content(candidate) }
            return contents
        }

        static func content(_ candidate: CandidateDescription) -> [UInt8] {
            Array("file of \(candidate.reference)".utf8)
        }

        func serve(_ candidates: [CandidateDescription]) async throws {
            source.replace(
                VariantCatalogue(candidates, devices: Sample.devices),
                adding: Fixture.contents(candidates))
            try await adapter.refresh()
        }

        func phase(_ candidate: CandidateDescription) -> VariantPhase? {
            adapter.status.variants.first { $0.digest == candidate.digest }?.phase
        }

        func untilPhase(_ candidate: CandidateDescription, _ phase: VariantPhase?) async {
            await until("\(candidate.reference) is \(phase?.rawValue ?? "gone")") {
                self.phase(candidate) == phase
            }
        }
    }

    /// A version of a line whose file is what ``Fixture`` has.
    private static func version(
        _ number: Int, line: String = "net/phone", accuracy: Double = 0.9, bytes: Int = 1 << 20
    ) -> CandidateDescription {
        var candidate = Sample.candidate(
            Int(StableHash.of("\(line):\(number)") >> 8), accuracy: accuracy, memoryBytes: bytes)
        candidate.reference = "\(line):v\(number)"
        candidate.fileDigest = BlobDigestText.of(Fixture.content(candidate))
        return candidate
    }

    private let context = RequestContext()

    @Test func aModelIsLoadedOnceAndLeasedOften() async throws {
        let one = Self.version(1)
        let fixture = try await Fixture([one])
        let leases = try await withThrowingTaskGroup(of: Lease<TestModel>.self) { group in
            for _ in 0..<16 { group.addTask { try await fixture.adapter.lease(for: context) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(leases.allSatisfy { $0.model === leases[0].model })
        #expect(leases[0].model.content == Fixture.content(one))
        #expect(fixture.loader.loads(of: one.digest) == 1)
        #expect(fixture.adapter.status.variants.map(\.users) == [16])
        for lease in leases {
            lease.release()
            lease.release()
        }
        #expect(fixture.adapter.status.variants.map(\.users) == [0])
        #expect(try await fixture.adapter.lease(for: context).origin == .ready)
        let status = fixture.adapter.status
        #expect(status.hits + status.misses == 17 && status.hits >= 1)
        #expect(fixture.metrics.counterTotal(label: "adapter_loads") == 1)
        #expect(fixture.metrics.counterTotal(label: "adapter_leases") == 17)
    }

    @Test func theOldVersionServesUntilTheNewOneIsReady() async throws {
        let (one, two) = (Self.version(1), Self.version(2))
        let fixture = try await Fixture([one]) { $0.behave(.hangs, for: two.digest) }
        let held = try await fixture.adapter.lease(for: context)
        try await fixture.serve([two])
        await until("the new one loads") { fixture.loader.heldCount == 1 }
        let meanwhile = try await fixture.adapter.lease(for: context)
        #expect(meanwhile.candidate == one)
        #expect(meanwhile.origin == .substitute)
        meanwhile.release()
        fixture.loader.letGo()
        await fixture.untilPhase(two, .ready)
        #expect(try await fixture.adapter.lease(for: context).candidate == two)
        #expect(fixture.phase(one) == .retiring)
        #expect(!held.model.isGone)
        held.release()
        await until("the old one is unloaded") { held.model.isGone }
        #expect(fixture.phase(one) == nil)
    }

    @Test func theNewestOfTheOldVersionsServesMeanwhile() async throws {
        // 10 comes before 9 where digits are compared.
        let nine = Self.version(9)
        let ten = Self.version(10, accuracy: 0.92, bytes: 2 << 20)
        let eleven = Self.version(11)
        let fixture = try await Fixture([nine, ten]) { $0.behave(.hangs, for: eleven.digest) }
        let small = RequestContext(device: RequestContext.Device(memoryMiB: 1.5))
        for (context, candidate) in [(small, nine), (context, ten)] {
            try await fixture.adapter.lease(for: context).release()
            await fixture.untilPhase(candidate, .ready)
        }
        try await fixture.serve([eleven])
        let meanwhile = try await fixture.adapter.lease(for: context)
        #expect(meanwhile.candidate == ten)
        #expect(meanwhile.origin == .substitute)
    }

    @Test func aLoadThatFailsKeepsTheOldOneAndIsTriedAgain() async throws {
        let (one, two) = (Self.version(1), Self.version(2))
        let fixture = try await Fixture([one]) { $0.behave(.failsWarming, for: two.digest) }
        try await fixture.adapter.lease(for: context).release()
        try await fixture.serve([two])
        await fixture.untilPhase(two, .failed)
        #expect(fixture.loader.unloads == 1)
        for _ in 0..<10 {
            #expect(try await fixture.adapter.lease(for: context).candidate == one)
        }
        #expect(fixture.loader.loads(of: two.digest) == 1)
        fixture.loader.behave(.loads, for: two.digest)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await fixture.adapter.lease(for: context).candidate == one)
        await fixture.untilPhase(two, .ready)
        #expect(try await fixture.adapter.lease(for: context).candidate == two)
        await fixture.untilPhase(one, nil)
    }

    @Test func aLoaderThatHangsIsGivenUpOn() async throws {
        let (best, other) = (Self.version(1), Self.version(2, line: "net/laptop", accuracy: 0.8))
        let fixture = try await Fixture([best, other]) { $0.behave(.hangs, for: best.digest) }
        let lease = Task { try await fixture.adapter.lease(for: context) }
        await until("it hangs") { fixture.loader.heldCount == 1 }
        // Its deadline runs once the timer is set.
        await until("it is given up on") {
            fixture.clock.advance(by: .seconds(61))
            return fixture.phase(best) == .failed
        }
        #expect(try await lease.value.candidate == other)
        #expect(try await lease.value.origin == .alternative)
        fixture.clock.advance(by: .seconds(10_000))
        #expect(try await fixture.adapter.lease(for: context).candidate == other)
        #expect(fixture.loader.loads(of: best.digest) == 1)
        fixture.loader.letGo()
        await until("the late one is unloaded") { fixture.loader.unloads == 1 }
        _ = try await fixture.adapter.lease(for: context)
        await until("it is loaded again") { fixture.loader.loads(of: best.digest) == 2 }
        fixture.loader.letGo()
    }

    @Test func whatNothingCanServeIsSaid() async throws {
        let one = Self.version(1)
        let fixture = try await Fixture([one]) { $0.behave(.fails, for: one.digest) }
        let failed = await #expect(throws: AdapterError.self) {
            try await fixture.adapter.lease(for: context)
        }
        #expect(failed?.code == .notLoaded(.load))
        let nothing = await #expect(throws: AdapterError.self) {
            try await fixture.adapter.lease(for: RequestContext(accuracyFloor: 0.99))
        }
        #expect(nothing?.code == .nothingFits)
        let waiting = Task { try await fixture.adapter.lease(for: context) }
        waiting.cancel()
        await #expect(throws: (any Error).self) { try await waiting.value }
        fixture.adapter.shutDown()
        let closed = await #expect(throws: AdapterError.self) {
            try await fixture.adapter.lease(for: context)
        }
        #expect(closed?.code == .closed)
    }

    @Test func whoWaitsMayBeCancelledOrTheAdapterShut() async throws {
        let one = Self.version(1)
        let fixture = try await Fixture([one]) { $0.behave(.hangs, for: one.digest) }
        let first = Task { try await fixture.adapter.lease(for: context) }
        let second = Task { try await fixture.adapter.lease(for: context) }
        await until("it hangs") { fixture.loader.heldCount == 1 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        fixture.adapter.shutDown()
        await #expect(throws: AdapterError.self) { try await second.value }
        fixture.loader.letGo()
        await until("the late one is unloaded") { fixture.loader.unloads == 1 }
        await until("nothing is held") { fixture.adapter.status.heldBytes == 0 }
    }

    @Test func revokedOnesGoAtOnce() async throws {
        let one = Self.version(1)
        let fixture = try await Fixture([one])
        let held = try await fixture.adapter.lease(for: context)
        var revoked = one
        revoked.trust = .refused
        try await fixture.serve([revoked])
        await #expect(throws: AdapterError.self) { try await fixture.adapter.lease(for: context) }
        #expect(!held.model.isGone)
        held.release()
        await until("it is unloaded") { held.model.isGone }
    }

    @Test func thePinnedLineIsLoadedAndServesWhenOthersFail() async throws {
        let small = Self.version(1, line: "net/small", accuracy: 0.7)
        let best = Self.version(1)
        let fixture = try await Fixture(
            [small, best],
            options: AdapterOptions(
                lifecycle: LifecycleOptions(budgetBytes: 1 << 20), pinnedLines: ["net/small"])
        ) { $0.behave(.fails, for: best.digest) }
        await fixture.untilPhase(small, .ready)
        let lease = try await fixture.adapter.lease(for: context)
        #expect(lease.candidate == small)
        #expect(lease.origin == .substitute)
    }

    @Test func theBudgetIsKept() async throws {
        let candidates = (0..<6).map {
            Self.version(1, line: "net/p\($0)" + String(repeating: "x", count: $0), bytes: 40)
        }
        let fixture = try await Fixture(
            candidates, options: AdapterOptions(lifecycle: LifecycleOptions(budgetBytes: 100)))
        for round in 0..<12 {
            let candidate = candidates[round % 6]
            // Loaded ones of others would do: ask for the variant itself.
            let model = try await fixture.adapter.ready(candidate)
            #expect(model.digest == candidate.digest)
            #expect(fixture.adapter.status.heldBytes <= 100)
            fixture.adapter.change { $0.machine.release(candidate.digest) }
        }
        #expect(fixture.adapter.status.evictions >= 9)
        #expect(fixture.adapter.state.withLock { $0.machine.violations } == [])
    }

    // MARK: Roll-outs

    @Test func canariesAreDividedAndRolledBack() async throws {
        let (one, two) = (Self.version(1), Self.version(2))
        let plan = RolloutPlan(.canary(share: 0.3), errorShare: 0.02)
        let fixture = try await Fixture([one], options: AdapterOptions(rollout: plan))
        try await fixture.adapter.lease(for: context).release()
        try await fixture.serve([two])
        await fixture.untilPhase(two, .ready)
        var served: [String: Int] = [:]
        for number in 0..<500 {
            let client = RequestContext(client: "c\(number)")
            let lease = try await fixture.adapter.lease(for: client)
            #expect(lease.origin == .ready)
            #expect((lease.route.arm == .new) == (lease.candidate == two))
            served[lease.candidate.reference, default: 0] += 1
            guard lease.candidate == two else { continue }
            fixture.adapter.observe(
                PerformanceReport(context: client, digest: two.digest, inferenceMs: 5),
                failed: number % 4 == 0)
        }
        #expect(served["net/phone:v1", default: 0] > 300)
        #expect(served["net/phone:v2", default: 0] > 40)
        #expect(fixture.adapter.status.rollouts.map(\.stage) == [.rolledBack(.errors)])
        #expect(fixture.metrics.counterTotal(label: "adapter_rollbacks") == 1)
        await fixture.untilPhase(two, nil)
        // The next look at the same catalogue does not bring it back.
        try await fixture.serve([two])
        #expect(try await fixture.adapter.lease(for: context).candidate == one)
        #expect(fixture.phase(two) == nil)
        // Another version may try again, from the one that is good.
        let three = Self.version(3)
        try await fixture.serve([three])
        #expect(fixture.adapter.status.rollouts.map(\.old) == [one.digest])
        #expect(fixture.adapter.status.rollouts.map(\.stage) == [.running])
        try fixture.adapter.promote(line: "net/phone")
        await fixture.untilPhase(three, .ready)
        #expect(try await fixture.adapter.lease(for: context).candidate == three)
        await fixture.untilPhase(one, nil)
    }

    @Test func shadowsServeTheOldOneAndNameTheNew() async throws {
        let (one, two) = (Self.version(1), Self.version(2))
        let fixture = try await Fixture([one, two])
        let plan = RolloutPlan(.shadow)
        try fixture.adapter.startRollout(from: one.digest, to: two.digest, plan: plan)
        let route = fixture.adapter.route(context)
        #expect(route.candidate == one)
        #expect(route.shadow == two)
        try fixture.adapter.rollBack(line: "net/phone")
        #expect(fixture.adapter.route(context).candidate == one)
        #expect(fixture.adapter.route(context).shadow == nil)
        #expect(throws: AdapterError.self) { try fixture.adapter.promote(line: "net/none") }
        #expect(throws: AdapterError.self) {
            try fixture.adapter.startRollout(from: one.digest, to: "sha256:none")
        }
    }

    @Test func aWayBackIsTakenAtOnce() async throws {
        let (one, two) = (Self.version(1), Self.version(2))
        let fixture = try await Fixture([two], options: AdapterOptions(rollout: RolloutPlan()))
        try await fixture.adapter.lease(for: context).release()
        try await fixture.serve([one])
        #expect(fixture.adapter.status.rollouts.isEmpty)
        await fixture.untilPhase(two, nil)
        #expect(try await fixture.adapter.lease(for: context).candidate == one)
    }

    // MARK: Service

    @Test func whatWasLearnedSurvivesARestart() async throws {
        let saved = InMemoryObservationStore()
        let one = Self.version(1)
        let before = try await Fixture([one], observations: saved)
        var context = context
        context.device.deviceClass = "phone-4g"
        let predicted = try #require(before.adapter.select(context).inference).meanMs
        for _ in 0..<64 {
            before.adapter.observe(
                PerformanceReport(
                    context: context, digest: one.digest, inferenceMs: predicted * 3,
                    isTrusted: true))
        }
        await before.adapter.save()
        let after = try await Fixture([one], observations: saved)
        let learned = try #require(after.adapter.select(context).inference).meanMs
        #expect(learned > predicted * 2)
    }

    @Test func theServiceFollowsTheSourceAndEnds() async throws {
        let (one, two) = (Self.version(1), Self.version(2))
        let saved = InMemoryObservationStore()
        let fixture = try await Fixture([one], observations: saved)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: AdapterService(fixture.adapter))
                ], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        let running = Task { try await group.run() }
        fixture.source.replace(
            VariantCatalogue([two]), adding: Fixture.contents([two]))
        await until("the new catalogue is served") {
            fixture.adapter.select(context).candidate == two
        }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(await saved.load() != nil)
        await #expect(throws: AdapterError.self) { try await fixture.adapter.lease(for: context) }
    }

    @Test func labelsOfMetricsAreBounded() async throws {
        let one = Self.version(1)
        let devices = (0..<200).map {
            KnownDevice(
                name: "device-\($0)", runtime: "r\($0)", peakGflops: 10, memoryBandwidthGBps: 10)
        }
        let fixture = try await Fixture([one])
        fixture.source.replace(VariantCatalogue([one], devices: devices))
        try await fixture.adapter.refresh()
        for number in 0..<200 {
            var context = RequestContext(client: "c\(number)")
            context.device.deviceClass = "device-\(number)"
            fixture.adapter.observe(
                PerformanceReport(context: context, digest: one.digest, inferenceMs: 5))
        }
        let counters = fixture.metrics.counters(label: "adapter_observations")
        #expect(counters.count == AdapterMetrics.mostClasses + 1)
        #expect(fixture.metrics.counterTotal(label: "adapter_observations") == 200)
    }

    @Test(arguments: [Double.nan, -.infinity, .infinity, -1, 1e308])
    func absurdReportsHarmNothing(number: Double) async throws {
        let (one, two) = (Self.version(1), Self.version(2))
        let fixture = try await Fixture([one, two])
        try fixture.adapter.startRollout(
            from: one.digest, to: two.digest, plan: RolloutPlan(latencyMs: 10))
        var context = RequestContext(
            network: RequestContext.Network(
                bandwidthMbps: Estimate(number), roundTripMs: Estimate(number)),
            loadDeadlineMs: number, inferenceDeadlineMs: number, accuracyFloor: number)
        context.device.memoryMiB = number
        for digest in [two.digest, "", "x"] {
            fixture.adapter.observe(
                PerformanceReport(
                    context: context, digest: digest, loadMs: number, inferenceMs: number))
        }
        _ = fixture.adapter.route(context)
        _ = try? await fixture.adapter.lease(for: context)
        #expect(fixture.adapter.status.rollouts.map(\.stage) == [.running])
    }
}
