import Foundation
import RuntimeAdapter
import RuntimeAdapterTesting
import Testing

/// Which contexts are seen how often.
@Suite struct ContextHistogramTests {
    private let catalogue = VariantCatalogue(
        [Sample.candidate(1)], devices: Sample.devices)
    private static let hour = 3_600_000.0

    private func context(_ mbps: Double = 12, client: String? = nil) -> RequestContext {
        RequestContext(
            model: "net", device: RequestContext.Device(deviceClass: "phone-4g", memoryMiB: 137.5),
            network: RequestContext.Network(
                bandwidthMbps: Estimate(mbps, deviation: 1), roundTripMs: Estimate(71)),
            loadDeadlineMs: 1234, inferenceDeadlineMs: 40, accuracyFloor: 0.9, cached: ["a"],
            loaded: ["b"],
            client: client)
    }

    @Test func contextsAreOfAKind() {
        let kind = context(client: "secret").generalized(for: catalogue)
        #expect(kind.network?.bandwidthMbps == Estimate(11.3, deviation: 11.3 / 4))
        #expect(kind.network?.roundTripMs == Estimate(64))
        #expect((kind.loadDeadlineMs, kind.inferenceDeadlineMs) == (1200, 40))
        #expect((kind.device.memoryMiB, kind.accuracyFloor) == (130, 0.9))
        #expect((kind.cached + kind.loaded, kind.client) == ([], nil))
        #expect((kind.model, kind.device.deviceClass) == ("net", "phone-4g"))
        #expect(kind.generalized(for: catalogue) == kind)
    }

    /// What clients may write at will does not come in.
    @Test func textsOfClientsStayOut() {
        var context = RequestContext(
            model: "alice@example.org",
            device: RequestContext.Device(runtime: "my phone", deviceClass: "alice"),
            cached: ["x"], client: "alice")
        #expect(context.generalized(for: catalogue) == RequestContext())
        context.loadDeadlineMs = .nan
        context.accuracyFloor = 7
        context.device.memoryMiB = -3
        context.device.peakGflops = .infinity
        let kind = context.generalized(for: catalogue)
        #expect((kind.loadDeadlineMs, kind.accuracyFloor, kind.device.memoryMiB) == (nil, 1, 0))
        #expect(kind.device.peakGflops?.isFinite == true)
    }

    @Test func kindsSettle() {
        var random = SeededGenerator(seed: 31)
        for _ in 0..<2000 {
            let once = Sample.context(candidates: 5, using: &random).generalized(for: catalogue)
            #expect(once.generalized(for: catalogue) == once)
            #expect(once.issues.isEmpty)
        }
    }

    @Test func countsHalve() {
        var seen = ContextHistogram(halfLife: .seconds(3600))
        for _ in 0..<8 { seen.record(context(12), for: catalogue, atMs: 5) }
        seen.record(context(1), for: catalogue, atMs: 5 + 2 * Self.hour)
        #expect(seen.contexts.map { ($0.count * 1e6).rounded() / 1e6 } == [2, 1])
        // Back and forth: no time passes.
        seen.record(context(1), for: catalogue, atMs: -1e9)
        seen.record(context(1), for: catalogue, atMs: .nan)
        #expect(seen.contexts.map { ($0.count * 1e6).rounded() / 1e6 } == [3, 2])
        // Years later only the last one counts.
        seen.record(context(50), for: catalogue, atMs: -1e9 + 100_000 * Self.hour)
        #expect(seen.contexts.map(\.count) == [1])
        #expect(seen.rowCount == 1)
    }

    @Test func rowsAreBounded() {
        var seen = ContextHistogram(mostRows: 100)
        var random = SeededGenerator(seed: 32)
        for number in 0..<20_000 {
            let isUsual = number % 2 == 0
            var context = context(isUsual ? 12 : random.logarithmic(0.01...100_000))
            if !isUsual { context.loadDeadlineMs = random.logarithmic(1...100_000) }
            seen.record(context, for: catalogue, atMs: Double(number))
            #expect(seen.rowCount <= 100)
        }
        #expect(seen.contexts.first?.count ?? 0 > 9990)
    }

    @Test func survivesARestart() throws {
        var seen = ContextHistogram(halfLife: .seconds(3600))
        for number in 0..<200 {
            seen.record(
                context(Double(number % 7 + 1), client: "secret-\(number)"), for: catalogue,
                atMs: Double(number) * 60_000)
        }
        let bytes = try JSONEncoder().encode(seen.state)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("secret"))
        let state = try JSONDecoder().decode(ContextHistogramState.self, from: bytes)
        var again = ContextHistogram(state: state, halfLife: .seconds(3600))
        #expect(again.state == seen.state)
        // Another half-life: the counts of now stay.
        let slower = ContextHistogram(state: state, halfLife: .seconds(86_400))
        for (one, other) in zip(slower.contexts, seen.contexts) {
            #expect(abs(one.count - other.count) < 1e-9)
        }
        // A clock that starts anew goes on from there.
        again.record(context(1), for: catalogue, atMs: 0)
        again.record(context(1), for: catalogue, atMs: Self.hour)
        let (before, after) = (seen.contexts, again.contexts)
        #expect(abs((before.last?.count ?? 0) / (after.last?.count ?? 1) - 2) < 1e-6)
    }

    @Test func storedNonsenseIsLeftOut() {
        var seen = ContextHistogram()
        seen.record(context(), for: catalogue, atMs: 0)
        var state = seen.state
        for weight in [-1, .nan, .infinity, 0] {
            state.rows.append(.init(context: context(Double(state.rows.count)), weight: weight))
        }
        state.rows.append(
            .init(
                context: RequestContext(model: String(repeating: "m", count: 300)), weight: 1))
        #expect(ContextHistogram(state: state).state.rows == seen.state.rows)
        for change in [
            { (state: inout ContextHistogramState) in state.schema = 2 },
            { $0.halfLifeMs = .nan }, { $0.ageMs = -1 }, { $0.ageMs = .infinity },
        ] {
            var wrong = state
            change(&wrong)
            #expect(ContextHistogram(state: wrong).rowCount == 0)
        }
    }

    @Test func theStoreInMemoryKeepsToTheProtocol() async throws {
        let store = InMemoryObservationStore()
        try await ObservationStoreTest(store: store).run()
    }

    @Test func aDocumentHasBoth() async throws {
        var (seen, model) = (ContextHistogram(), PerformanceModel())
        seen.record(context(), for: catalogue, atMs: 0)
        _ = model.record(
            Observation(
                .load, deviceClass: "class=phone-4g", digest: "d", predictedMs: 1, observedMs: 2,
                client: nil, atMs: 0))
        let store = InMemoryObservationStore()
        await store.save(model.state)
        await store.saveContexts(seen.state)
        let json = try await store.document().json()
        let read = try JSONDecoder().decode(ObservationDocument.self, from: json)
        #expect(read.contexts == [.init(count: 1, context: context().generalized(for: catalogue))])
        #expect(read.performance == model.state)
    }
}
