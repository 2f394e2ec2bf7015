import Foundation
import RuntimeAdapter
import Testing

/// Which contexts an adapter counts, and what it makes of them.
@Suite struct SeenContextsTests {
    private let context = RequestContext(
        model: "net", device: RequestContext.Device(deviceClass: "phone-4g"),
        network: RequestContext.Network(
            bandwidthMbps: Estimate(12), roundTripMs: Estimate(70)),
        client: "secret")

    private func adapter(
        _ source: AdapterOptions.SeenContexts.Source, store: InMemoryObservationStore
    ) async throws -> RuntimeAdapter<Int> {
        let candidates = [Sample.candidate(1, accuracy: 0.9), Sample.candidate(2, accuracy: 0.8)]
        let source = AdapterOptions.SeenContexts(source: source)
        return try await RuntimeAdapter(
            source: MemorySource(
                VariantCatalogue(candidates, devices: Sample.devices), contents: [:]),
            loader: NumberLoader(), options: AdapterOptions(seen: source), observations: store)
    }

    private struct NumberLoader: VariantLoader {
        func load(_ file: VariantFile) async throws -> Int { 1 }
    }

    @Test func acceptedReportsCount() async throws {
        let store = InMemoryObservationStore()
        let adapter = try await adapter(.reports, store: store)
        for _ in 0..<50 { _ = adapter.select(context) }
        _ = adapter.observe(
            PerformanceReport(context: context, digest: Sample.digest(1), inferenceMs: .nan))
        _ = adapter.observe(
            PerformanceReport(context: context, digest: "nowhere", inferenceMs: 5))
        #expect(adapter.seenContexts.isEmpty)
        for _ in 0..<500 {
            _ = adapter.observe(
                PerformanceReport(context: context, digest: Sample.digest(1), inferenceMs: 5))
        }
        // A client's reports are limited, and so is what its contexts count.
        let count = try #require(adapter.seenContexts.first?.count)
        #expect((29.0...40).contains(count))
        #expect(adapter.seenContexts.map(\.context.client) == [nil])
        let choice = adapter.family(within: FamilyBudget(count: 1))
        #expect(choice.kept.map(\.candidate.digest) == [Sample.digest(1)])
        await adapter.save()
        let again = try await self.adapter(.reports, store: store)
        #expect(again.seenContexts.map(\.context) == adapter.seenContexts.map(\.context))
    }

    @Test func nothingCountsIfNothingIsTo() async throws {
        let store = InMemoryObservationStore()
        let adapter = try await adapter(.none, store: store)
        _ = adapter.observe(
            PerformanceReport(context: context, digest: Sample.digest(1), inferenceMs: 5))
        await adapter.save()
        #expect(adapter.seenContexts.isEmpty)
        #expect(await store.loadContexts() == nil)
    }

    @Test func leasesCountIfTheyAreTo() async throws {
        let adapter = try await adapter(.leases, store: InMemoryObservationStore())
        _ = adapter.observe(
            PerformanceReport(context: context, digest: Sample.digest(1), inferenceMs: 5))
        #expect(adapter.seenContexts.isEmpty)
        // There is no file behind the candidate; the context was seen all the same.
        _ = try? await adapter.lease(for: context)
        #expect(adapter.seenContexts.map(\.count) == [1])
    }
}
