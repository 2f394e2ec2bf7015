import Contexts
import Foundation
import Testing

@testable import RuntimeAdapter

/// Selections against a reference that works out every rule by itself.
@Suite struct SelectionTests {
    private func selector(_ candidates: [CandidateDescription]) -> VariantSelector {
        VariantSelector(VariantCatalogue(candidates, devices: Sample.devices))
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
                isCached: selection.isCached)
            #expect(
                found == reference.answer(context), "seed \(seed), context \(number): \(context)")
            steps.insert(selection.step)
        }
        #expect(steps.contains(.fits) || candidates.count < 3, "seed \(seed)")
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
