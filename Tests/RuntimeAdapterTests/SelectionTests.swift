import Contexts
import Foundation
import Testing

@testable import RuntimeAdapter

/// Selections against a reference that works out every rule by itself.
@Suite struct SelectionTests {
    private func selector(_ candidates: [CandidateDescription]) -> VariantSelector {
        // Every measured device is a class of its own here, and there are more of them than clients would be allowed.
        VariantSelector(
            VariantCatalogue(candidates, devices: Sample.devices),
            options: SelectionOptions(newClassesPerMinute: 1_000_000))
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func equalsTheReference(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let candidates = Sample.family(
            [1, 2, 5, 20, 60].randomElement(using: &random) ?? 5, using: &random)
        let selector = selector(candidates)
        let reference = Reference(
            candidates: candidates, devices: Sample.devices, options: selector.options)
        var steps: Set<Selection.Step> = []
        for number in 0..<400 {
            let context = Sample.context(candidates: candidates.count, using: &random)
            let selection = selector.select(context)
            let found = Reference.Answer(
                step: selection.step, digest: selection.candidate?.digest,
                copy: selection.copy)
            #expect(
                found == reference.answer(context), "seed \(seed), context \(number): \(context)")
            steps.insert(selection.step)
        }
        #expect(steps.contains(.fits) || candidates.count < 3, "seed \(seed)")
    }

    /// Many candidates, of which most are never looked at; observations of some, so that they differ in every figure.
    @Test(arguments: [31, 32, 33, 34] as [UInt64])
    func whatIsNotLookedAtIsNeverChosen(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let candidates = Sample.family(300, using: &random)
        let catalogue = VariantCatalogue(candidates, devices: Sample.devices)
        let selector = selector(candidates)
        for number in 0..<200 {
            let context = Sample.context(candidates: candidates.count, using: &random)
            let digest = candidates[number].digest
            _ = selector.record(
                PerformanceReport(
                    context: context, digest: digest,
                    loadMs: Double.random(in: 50...5000, using: &random),
                    inferenceMs: Double.random(in: 1...500, using: &random), isTrusted: true),
                atMs: Double(number) * 1000)
        }
        selector.refresh()
        for number in 0..<400 {
            let context = Sample.context(candidates: candidates.count, using: &random)
            let explanation = selector.explain(context)
            guard explanation.selection.step == .fits || explanation.selection.step == .smaller
            else { continue }
            #expect(
                best(explanation)?.candidate.digest == explanation.selection.candidate?.digest,
                "seed \(seed), context \(number): \(context)")
        }
        let all = 0..<catalogue.candidates.count
        let table = PredictionTable(
            catalogue, deviceClass: selector.keptClasses[0], options: selector.options,
            model: selector.model)
        #expect(table.skyline.members(of: all).count < all.count)
    }

    /// What the rules say of the assessments, one by one.
    private func best(_ explanation: Explanation) -> Assessment? {
        let rows = explanation.assessments
        func first(_ rows: some Sequence<Assessment>) -> Assessment? {
            rows.min { one, two in
                let costs = [one, two].map {
                    ($0.load?.meanMs ?? .infinity) + ($0.inference?.meanMs ?? .infinity)
                }
                if costs[0] != costs[1] { return costs[0] < costs[1] }
                return one.candidate.fileBytes < two.candidate.fileBytes
            }
        }
        let fitting = rows.filter { $0.rejections.isEmpty }
        if let accuracy = fitting.map({ $0.candidate.accuracy ?? -1 }).max() {
            let level = fitting.filter { ($0.candidate.accuracy ?? -1) == accuracy }
            let work = level.map(\.candidate.multiplyAdds).max()
            return first(
                accuracy < 0 ? level.filter { $0.candidate.multiplyAdds == work } : level)
        }
        return first(
            rows.filter {
                !$0.rejections.contains {
                    switch $0 {
                    case .untrusted, .memory, .accuracy, .accuracyUnknown: true
                    default: false
                    }
                }
            })
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func looseningNeverCostsAccuracy(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let candidates = Sample.family(50, using: &random)
        let selector = selector(candidates)
        func rank(_ selection: Selection) -> Int32? {
            guard selection.step == .fits, let index = selection.index else { return nil }
            return selection.catalogue.figures[index].rank
        }
        for number in 0..<300 {
            let tight = Sample.context(candidates: candidates.count, using: &random)
            guard let before = rank(selector.select(tight)) else { continue }
            for loosened in Self.loosened(tight) {
                let after = rank(selector.select(loosened))
                #expect(after ?? .max <= before, "seed \(seed), context \(number)")
            }
        }
    }

    private static func loosened(_ context: RequestContext) -> [RequestContext] {
        var variations: [RequestContext] = []
        func add(_ change: (inout RequestContext) -> Void) {
            var copy = context
            change(&copy)
            variations.append(copy)
        }
        add { $0.loadDeadlineMs = $0.loadDeadlineMs.map { $0 * 1.5 } }
        add { $0.loadDeadlineMs = nil }
        add { $0.inferenceDeadlineMs = $0.inferenceDeadlineMs.map { $0 * 1.5 } }
        add { $0.inferenceDeadlineMs = nil }
        add { $0.accuracyFloor = $0.accuracyFloor.map { $0 - 0.05 } }
        add { $0.device.memoryMiB = $0.device.memoryMiB.map { $0 * 2 } }
        add { $0.network?.bandwidthMbps?.value *= 2 }
        add { $0.network?.roundTripMs?.deviation = 0 }
        add { $0.cached += [Sample.digest(3), Sample.digest(7)] }
        add { $0.loaded += [Sample.digest(4), Sample.digest(8)] }
        return variations
    }

    @Test func isDeterministic() {
        var random = SeededGenerator(seed: 21)
        let candidates = Sample.family(40, using: &random)
        let contexts = (0..<100).map { _ in Sample.context(candidates: 40, using: &random) }
        let (one, other) = (selector(candidates), selector(candidates.reversed()))
        let digests = contexts.map { one.select($0).candidate?.digest }
        #expect(
            contexts.reversed().map { other.select($0).candidate?.digest } == digests.reversed())
        #expect(contexts.map { one.explain($0).selection.candidate?.digest } == digests)
    }

    @Test(arguments: [31, 32] as [UInt64])
    func nothingInAContextDoesHarm(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let candidates = Sample.family(30, using: &random)
        let selector = selector(candidates)
        let absurd = [
            Double.nan, .infinity, -.infinity, -1, 0, -0.0, 1e308, -1e308, .leastNonzeroMagnitude,
            .signalingNaN,
        ]
        func number() -> Double? { (absurd + [12]).randomElement(using: &random) }
        for _ in 0..<2000 {
            var context = RequestContext(
                device: RequestContext.Device(
                    runtime: String(repeating: "x", count: Int.random(in: 0..<400, using: &random)),
                    peakGflops: number(), memoryBandwidthGBps: number(), layerOverheadUs: number(),
                    memoryMiB: number()),
                network: RequestContext.Network(
                    bandwidthMbps: Estimate(number() ?? 0, deviation: number() ?? 0),
                    roundTripMs: Estimate(number() ?? 0, deviation: number() ?? 0)),
                loadDeadlineMs: number(), inferenceDeadlineMs: number(), accuracyFloor: number())
            context.cached = Array(
                repeating: "sha256:", count: Int.random(in: 0..<200, using: &random))
            context.loaded = context.cached.reversed()
            let explanation = selector.explain(context)
            #expect(explanation.assessments.count == 30)
            for time in [explanation.selection.inference, explanation.selection.load] {
                #expect(time.map { $0.meanMs.isFinite && $0.upperMs.isFinite } ?? true)
            }
        }
    }

    @Test func explanationsAgreeWithTheSelection() {
        var random = SeededGenerator(seed: 41)
        let candidates = Sample.family(40, using: &random)
        let selector = selector(candidates)
        for _ in 0..<300 {
            let context = Sample.context(candidates: 40, using: &random)
            let explanation = selector.explain(context)
            let fitting = explanation.assessments.filter(\.fits)
            #expect((explanation.selection.step == .fits) == !fitting.isEmpty)
            guard let chosen = explanation.selection.candidate else { continue }
            let own = explanation.assessments.first { $0.candidate.digest == chosen.digest }
            #expect(own?.fits == (explanation.selection.step == .fits))
            // A deadline is missed exactly where the strain says so.
            for row in explanation.assessments {
                let misses = row.rejections.contains {
                    switch $0 {
                    case .inference, .inferenceUnknown, .load, .loadUnknown: true
                    default: false
                    }
                }
                #expect(misses == (row.strain > 1))
            }
        }
    }
}
