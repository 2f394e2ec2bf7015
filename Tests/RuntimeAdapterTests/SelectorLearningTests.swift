import RuntimeAdapterTesting
import Testing

@testable import RuntimeAdapter

/// Observations change what is selected, and catalogues what is observed.
@Suite struct SelectorLearningTests {
    private let candidates = [
        Sample.candidate(1, accuracy: 0.92, multiplyAdds: 20_000_000, fileBytes: 800_000),
        Sample.candidate(2, accuracy: 0.90, multiplyAdds: 5_000_000, fileBytes: 200_000),
    ]

    private func context(inferenceMs: Double?) -> RequestContext {
        RequestContext(
            device: RequestContext.Device(deviceClass: "phone-4g"),
            network: RequestContext.Network(
                bandwidthMbps: Estimate(12), roundTripMs: Estimate(70)),
            inferenceDeadlineMs: inferenceMs, client: "c")
    }

    private func selector(_ options: SelectionOptions = SelectionOptions()) -> VariantSelector {
        VariantSelector(VariantCatalogue(candidates, devices: Sample.devices), options: options)
    }

    @Test func slowDevicesGetSmallerVariants() throws {
        let selector = selector()
        let context = context(inferenceMs: 6)
        let before = selector.select(context)
        #expect(before.candidate?.digest == Sample.digest(1))
        let predicted = try #require(before.inference).meanMs
        for _ in 0..<100 {
            let outcome = selector.record(
                PerformanceReport(
                    context: context, digest: Sample.digest(1), inferenceMs: 2 * predicted,
                    isTrusted: true), atMs: 0)
            #expect(outcome == [.inference: .accepted(weight: 1)])
        }
        selector.refresh()
        let after = selector.select(context)
        #expect(after.candidate?.digest == Sample.digest(2))
        // The file's digest names the variant just as well.
        let slower = try #require(
            selector.assess(Sample.digest(1_000_001), in: context)?.inference
        ).meanMs
        #expect(abs(slower / (2 * predicted) - 1) < 0.15)
        // Other classes are as before.
        var laptop = context
        laptop.device.deviceClass = "laptop-wifi"
        #expect(selector.select(laptop).candidate?.digest == Sample.digest(1))
    }

    @Test func predictionsFollowByThemselves() throws {
        let selector = selector(SelectionOptions(observationsPerRefresh: 4))
        let context = context(inferenceMs: nil)
        func mean() -> Double { selector.select(context).inference?.meanMs ?? 0 }
        let first = mean()
        let report = PerformanceReport(
            context: context, digest: Sample.digest(1), inferenceMs: 4 * first, isTrusted: true)
        for _ in 0..<3 { selector.record(report, atMs: 0) }
        #expect(mean() == first)
        selector.record(report, atMs: 0)
        #expect(mean() > first * 1.2)
    }

    @Test func loadsAreLearnedAsAFactorOfTheNetwork() throws {
        let selector = selector()
        var context = context(inferenceMs: nil)
        let predicted = try #require(selector.select(context).load).meanMs
        let report = PerformanceReport(
            context: context, digest: Sample.digest(1), loadMs: 1.5 * predicted, isTrusted: true)
        for _ in 0..<100 { selector.record(report, atMs: 0) }
        selector.refresh()
        let learned = try #require(selector.select(context).load).meanMs
        #expect(abs(learned / (1.5 * predicted) - 1) < 0.1)
        // Reports are held against the uncorrected prediction, so learning does not compound.
        for _ in 0..<100 { selector.record(report, atMs: 0) }
        selector.refresh()
        let again = try #require(selector.select(context).load).meanMs
        #expect(abs(again / (1.5 * predicted) - 1) < 0.1)
        context.network = nil
        let blind = PerformanceReport(context: context, digest: Sample.digest(1), loadMs: 5)
        #expect(selector.record(blind, atMs: 0) == [.load: .notComparable])
    }

    @Test func reportsThatSayNothingAreRefused() {
        let selector = selector()
        var context = context(inferenceMs: nil)
        let unknown = PerformanceReport(
            context: context, digest: "sha256:none", loadMs: 5, inferenceMs: 5)
        #expect(
            selector.record(unknown, atMs: 0)
                == [.load: .unknownVariant, .inference: .unknownVariant])
        context.cached = [Sample.digest(1)]
        let cached = PerformanceReport(
            context: context, digest: Sample.digest(1), loadMs: 5, inferenceMs: .nan)
        #expect(
            selector.record(cached, atMs: 0) == [.load: .notComparable, .inference: .absurd])
    }

    @Test func aNewCatalogueKeepsWhatWasLearned() throws {
        let selector = selector()
        let context = context(inferenceMs: nil)
        let first = try #require(selector.select(context).inference).meanMs
        let report = PerformanceReport(
            context: context, digest: Sample.digest(1), inferenceMs: 3 * first, isTrusted: true)
        for _ in 0..<64 { selector.record(report, atMs: 0) }
        selector.refresh()
        let learned = try #require(selector.select(context).inference).meanMs
        selector.replace(
            VariantCatalogue(
                candidates + [Sample.candidate(3, accuracy: 0.5)], devices: Sample.devices))
        #expect(selector.select(context).inference?.meanMs == learned)
        #expect(selector.catalogue.candidates.count == 3)
    }

    @Test func classesAreBounded() {
        let selector = selector(SelectionOptions(mostClasses: 4))
        for number in 0..<200 {
            var context = context(inferenceMs: 6)
            context.device = RequestContext.Device(
                peakGflops: 1 + Double(number), memoryBandwidthGBps: 5)
            #expect(selector.select(context).candidate != nil)
        }
        #expect(selector.keptClasses.count <= 4)
    }

    /// Predicting a class takes long, and anybody may claim to be one.
    @Test func newClassesAreNotPredictedWithoutEnd() throws {
        let clock = ManualClock()
        let selector = VariantSelector(
            VariantCatalogue(candidates, devices: Sample.devices),
            options: SelectionOptions(newClassesPerMinute: 60), model: PerformanceModel(),
            clock: AdapterClock(clock))
        func select(_ number: Int) -> Selection {
            var context = context(inferenceMs: nil)
            context.device = RequestContext.Device(
                deviceClass: context.device.deviceClass, peakGflops: 1 + Double(number),
                memoryBandwidthGBps: 5)
            return selector.select(context)
        }
        for number in 0..<100 { #expect(select(number).candidate != nil) }
        // Six at once, and one for what the others count as.
        #expect(selector.keptClasses.count == 7)
        #expect(selector.keptClasses.count { $0.steps == nil } == 1)
        let counted = try #require(select(99).inference).meanMs
        #expect(try #require(select(98).inference).meanMs == counted)
        clock.advance(by: .seconds(1))
        #expect(try #require(select(99).inference).meanMs != counted)
        #expect(selector.keptClasses.count == 8)
    }

    @Test func manyThreadsSeeWholeStates() async {
        let selector = selector()
        let context = context(inferenceMs: 6)
        let other = VariantCatalogue([candidates[1]], devices: Sample.devices)
        let first = selector.catalogue
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<4 {
                group.addTask {
                    var isGood = true
                    for number in 0..<3000 {
                        if task == 0 { selector.replace(number % 2 == 0 ? other : first) }
                        if task == 1 {
                            selector.record(
                                PerformanceReport(
                                    context: context, digest: Sample.digest(2), inferenceMs: 3,
                                    isTrusted: true), atMs: 0)
                        }
                        let selection = selector.select(context)
                        isGood =
                            isGood && selection.candidate != nil
                            && (selection.catalogue === other || selection.catalogue === first)
                    }
                    return isGood
                }
            }
            for await isGood in group { #expect(isGood) }
        }
    }
}
