import Contexts
import Foundation
import Testing

@testable import RuntimeAdapter

/// Which variants to keep, against what selections from them serve.
@Suite struct FamilyTests {
    private func contexts(
        _ count: Int, candidates: Int, using random: inout SeededGenerator
    ) -> [WeightedContext] {
        (0..<count).map { _ in
            WeightedContext(
                Sample.context(candidates: candidates, using: &random),
                count: Double(Int.random(in: 1...20, using: &random)))
        }
    }

    /// The worth of a set is the worth of what a selector over that set alone serves.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func worthIsThatOfTheSelection(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for round in 0..<60 {
            let family = Sample.family(8, using: &random)
            let selector = VariantSelector(VariantCatalogue(family, devices: Sample.devices))
            let contexts = contexts(12, candidates: 8, using: &random)
            let (problem, _) = selector.problem(for: contexts)
            let candidates = selector.catalogue.candidates
            for _ in 0..<6 {
                let set = candidates.indices.filter { _ in Bool.random(using: &random) }
                guard !set.isEmpty else { continue }
                let smaller = VariantSelector(
                    VariantCatalogue(set.map { candidates[$0] }, devices: Sample.devices))
                for (row, item) in contexts.enumerated() {
                    var context = item.context
                    (context.cached, context.loaded) = ([], [])
                    let selection = smaller.select(context)
                    let served = try selection.candidate.map { chosen in
                        try #require(candidates.firstIndex { $0.digest == chosen.digest })
                    }
                    let worth = served.map { problem.options[$0].values[row] } ?? 0
                    let best = set.map { problem.options[$0].values[row] }.max() ?? 0
                    #expect(worth == best, "seed \(seed), round \(round), \(context)")
                }
            }
        }
    }

    @Test func keepsWhatServesAndSaysHowWell() throws {
        let family = [
            Sample.candidate(0, kind: .base, accuracy: 0.95, fileBytes: 4_000_000),
            Sample.candidate(1, accuracy: 0.93, fileBytes: 1_000_000),
            Sample.candidate(2, accuracy: 0.90, fileBytes: 200_000),
            Sample.candidate(3, accuracy: 0.89, fileBytes: 210_000),
        ]
        let selector = VariantSelector(VariantCatalogue(family, devices: Sample.devices))
        func context(_ loadMs: Double, _ mbps: Double) -> RequestContext {
            RequestContext(
                device: RequestContext.Device(deviceClass: "phone-4g"),
                network: RequestContext.Network(
                    bandwidthMbps: Estimate(mbps), roundTripMs: Estimate(50)),
                loadDeadlineMs: loadMs)
        }
        let contexts = [
            WeightedContext(context(1000, 4), count: 70),
            WeightedContext(context(1500, 12), count: 30),
        ]
        let choice = selector.family(for: contexts, within: FamilyBudget(count: 2))
        #expect(choice.kept.map(\.candidate.digest) == [0, 2, 1].map(Sample.digest))
        #expect(choice.dropped.map(\.candidate.digest) == [Sample.digest(3)])
        #expect(choice.kept.map(\.share) == [0, 0.7, 0.3])
        #expect(abs(choice.worth - (0.7 * 0.9 + 0.3 * 0.93)) < 1e-12)
        #expect((choice.worth, choice.gap) == (choice.worthOfAll, 0))
        #expect((choice.guarantee, choice.isWithinBudget) == ("exact", true))
        #expect((choice.keptCount, choice.keptBytes) == (2, 1_200_000))
        #expect(choice.steps == [.fits: 1])
        let one = selector.family(for: contexts, within: FamilyBudget(count: 1))
        #expect(one.kept.map(\.candidate.digest) == [0, 2].map(Sample.digest))
        let pinned = selector.family(
            for: contexts, within: FamilyBudget(bytes: 500_000), staying: [Sample.digest(3)])
        #expect(pinned.kept.map(\.candidate.digest) == [0, 3, 2].map(Sample.digest))
        #expect(pinned.kept.map(\.isFixed) == [true, true, false])
        let over = selector.family(
            for: contexts, within: FamilyBudget(count: 0), staying: [Sample.digest(3)])
        #expect((over.isWithinBudget, over.kept.count) == (false, 2))
    }

    @Test func familiesShareABudget() {
        let family = [
            Sample.candidate(1, model: "a", accuracy: 0.9),
            Sample.candidate(2, model: "a", accuracy: 0.8),
            Sample.candidate(3, model: "b", accuracy: 0.7),
        ]
        let selector = VariantSelector(VariantCatalogue(family, devices: Sample.devices))
        let contexts = [
            WeightedContext(RequestContext(model: "a"), count: 9),
            WeightedContext(RequestContext(model: "b")),
            WeightedContext(RequestContext(model: "c"), count: 5),
            WeightedContext(RequestContext(), count: 5),
            WeightedContext(RequestContext(model: "a"), count: -.infinity),
            WeightedContext(RequestContext(model: "a"), count: .nan),
        ]
        let choice = selector.family(for: contexts, within: FamilyBudget(count: 2))
        #expect(choice.kept.map(\.candidate.digest) == [1, 3].map(Sample.digest))
        #expect(choice.requests == 20)
        #expect(choice.steps == [.fits: 0.5, .remote: 0.5])
        let none = selector.family(for: [], within: FamilyBudget(count: 2))
        #expect((none.kept.count, none.worth, none.gap) == (0, 0, 0))
    }
}
