import Testing

@testable import RuntimeAdapter

/// Each step of the ladder, and the reason that goes with it.
@Suite struct LadderTests {
    /// Large and accurate, small and less so, and the base.
    private let candidates = [
        Sample.candidate(
            0, kind: .base, accuracy: 0.93, multiplyAdds: 60_000_000, fileBytes: 3_000_000,
            memoryBytes: 8 << 20),
        Sample.candidate(1, accuracy: 0.92, multiplyAdds: 20_000_000, fileBytes: 800_000),
        Sample.candidate(2, accuracy: 0.90, multiplyAdds: 5_000_000, fileBytes: 200_000),
    ]

    private var selector: VariantSelector {
        VariantSelector(VariantCatalogue(candidates, devices: Sample.devices))
    }

    private func context(
        loadMs: Double? = nil, inferenceMs: Double? = nil, memoryMiB: Double? = nil,
        floor: Double? = nil, cached: [String] = [], loaded: [String] = []
    ) -> RequestContext {
        RequestContext(
            device: RequestContext.Device(
                runtime: "tfjs-wasm", deviceClass: "phone-4g", memoryMiB: memoryMiB),
            network: RequestContext.Network(
                bandwidthMbps: Estimate(12), roundTripMs: Estimate(70)),
            loadDeadlineMs: loadMs, inferenceDeadlineMs: inferenceMs, accuracyFloor: floor,
            cached: cached, loaded: loaded)
    }

    private func expect(
        _ context: RequestContext, _ step: Selection.Step, _ number: Int?, reason: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let selection = selector.select(context)
        #expect(selection.step == step, sourceLocation: sourceLocation)
        #expect(
            selection.candidate?.digest == number.map(Sample.digest),
            sourceLocation: sourceLocation)
        #expect("\(selection.reason)" == reason, sourceLocation: sourceLocation)
    }

    @Test func theMostAccurateFits() {
        expect(context(), .fits, 0, reason: "the most accurate of the family")
    }

    @Test func aDeadlineRejects() {
        expect(
            context(inferenceMs: 5), .fits, 1,
            reason: "1 more accurate, of which the best: inference 12 ms > 5 ms deadline")
        expect(
            context(loadMs: 900), .fits, 2,
            reason: "2 more accurate, of which the best: load 2918 ms > 900 ms deadline")
    }

    @Test func whatTheClientHasNeedNotBeDownloaded() throws {
        let cached = [Sample.digest(1_000_001)]
        let selection = selector.select(context(loadMs: 900, cached: cached))
        #expect(selection.step == .fits)
        #expect(selection.candidate?.digest == Sample.digest(1))
        #expect(selection.copy == .cached)
        // 800,000 bytes at the phone's 36 MiB/s, and a fifth for uncertainty.
        let load = try #require(selection.load)
        #expect(abs(load.meanMs - 21.193) < 0.001)
        #expect(abs(load.upperMs - 1.2 * 21.193) < 0.001)
        // With less time than that it is only the best that there is.
        let hasty = selector.select(context(loadMs: 8, cached: cached))
        #expect((hasty.step, hasty.candidate?.digest) == (.cached, Sample.digest(1)))
    }

    @Test func whatTheClientRunsNeedNotBeLoaded() {
        let digests = [Sample.digest(1)]
        for cached in [[], digests] {
            let selection = selector.select(
                context(loadMs: 0, cached: cached, loaded: digests))
            #expect((selection.step, selection.copy) == (.fits, .loaded))
            #expect(selection.candidate?.digest == Sample.digest(1))
            #expect(selection.load?.upperMs == 0)
        }
    }

    @Test func theLadder() {
        let none = "none fits; the most accurate: inference 12 ms > 0.1 ms deadline"
        expect(
            context(inferenceMs: 0.1, cached: [Sample.digest(1)]), .cached, 1, reason: none)
        expect(context(inferenceMs: 0.1), .smaller, 2, reason: none)
        expect(
            context(floor: 0.99), .base, 0,
            reason: "none fits; the most accurate: accuracy 93 % < 99 % floor")
        expect(
            context(memoryMiB: 0.5), .remote, nil,
            reason: "none fits; the most accurate: memory 8 MiB > 0.5 MiB")
        // The base needs more memory than there is, and the others are not accurate enough.
        expect(
            context(memoryMiB: 4, floor: 0.99), .remote, nil,
            reason: "none fits; the most accurate: memory 8 MiB > 4 MiB")
    }

    @Test func withoutANetworkNothingIsInTime() {
        var context = context(loadMs: 60_000)
        context.network = nil
        expect(
            context, .smaller, 2,
            reason:
                "none fits; the most accurate: load unknown without a network, deadline 60000 ms")
        context.cached = [Sample.digest(0)]
        expect(context, .fits, 0, reason: "the most accurate of the family")
    }

    @Test func whatIsNotTrustedIsNeverServed() {
        var refused = candidates
        for index in refused.indices { refused[index].trust = .refused }
        let selector = VariantSelector(VariantCatalogue(refused, devices: Sample.devices))
        let selection = selector.select(context(cached: [Sample.digest(1)]))
        #expect(selection.step == .remote)
        #expect(selection.reason == .noneFits(because: .untrusted))
    }

    @Test func familiesAreApart() {
        let other = Sample.candidate(9, model: "other", accuracy: 0.99)
        let selector = VariantSelector(
            VariantCatalogue(candidates + [other], devices: Sample.devices))
        #expect(selector.catalogue.models == ["net", "other"])
        var context = context(cached: [other.digest])
        #expect(selector.select(context).reason == .noSuchModel)
        #expect(selector.select(context).step == .remote)
        context.model = "net"
        #expect(selector.select(context).candidate?.digest == Sample.digest(0))
        #expect(selector.assess(other.digest, in: context) == nil)
        context.model = "other"
        #expect(selector.select(context).candidate?.digest == other.digest)
        context.model = "third"
        #expect(selector.select(context).reason == .noSuchModel)
        #expect(selector.explain(context).assessments.isEmpty)
    }

    @Test func anEmptyCatalogueAnswersOnTheServer() {
        let selection = VariantSelector(VariantCatalogue([])).select(context())
        #expect(selection.step == .remote)
        #expect(selection.candidate == nil)
    }

    @Test func equallyAccurateOnesAreOrderedByTime() {
        let equal = [
            Sample.candidate(1, accuracy: 0.9, multiplyAdds: 9_000_000, fileBytes: 100_000),
            Sample.candidate(2, accuracy: 0.9, multiplyAdds: 1_000_000, fileBytes: 5_000_000),
        ]
        let selector = VariantSelector(VariantCatalogue(equal, devices: Sample.devices))
        // Over this network the download decides; of what it has in its cache, decoding;
        // of what it has in memory, inference.
        #expect(selector.select(context()).candidate?.digest == Sample.digest(1))
        let cached = context(cached: [Sample.digest(1), Sample.digest(2)])
        #expect(selector.select(cached).candidate?.digest == Sample.digest(1))
        let loaded = context(loaded: [Sample.digest(1), Sample.digest(2)])
        #expect(selector.select(loaded).candidate?.digest == Sample.digest(2))
    }

    @Test func unevaluatedOnesComeLastByWhatTheyKeep() {
        let mixed = [
            Sample.candidate(1, accuracy: nil, multiplyAdds: 1_000_000),
            Sample.candidate(2, accuracy: nil, multiplyAdds: 9_000_000),
            Sample.candidate(3, accuracy: 0.5, multiplyAdds: 2_000_000),
            Sample.candidate(4, accuracy: .nan, multiplyAdds: 3_000_000),
        ]
        let catalogue = VariantCatalogue(mixed)
        #expect(catalogue.candidates.map(\.digest) == [3, 2, 4, 1].map(Sample.digest))
        let selector = VariantSelector(catalogue)
        let rows = selector.explain(context(floor: 0.4)).assessments
        #expect(rows.map(\.fits) == [true, false, false, false])
        #expect(rows.last?.rejections == [.accuracyUnknown(floor: 0.4)])
    }
}
