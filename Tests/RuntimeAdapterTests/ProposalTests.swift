import Contexts
import Foundation
import Testing

@testable import RuntimeAdapter

/// What to prune next for contexts that nothing serves.
@Suite struct ProposalTests {
    private let family = [
        Sample.candidate(
            0, kind: .base, accuracy: 0.95, multiplyAdds: 400_000_000, fileBytes: 8_000_000,
            memoryBytes: 9 << 20),
        Sample.candidate(
            1, accuracy: 0.93, multiplyAdds: 200_000_000, fileBytes: 4_000_000,
            memoryBytes: 5 << 20),
    ]

    private var selector: VariantSelector {
        VariantSelector(VariantCatalogue(family, devices: Sample.devices))
    }

    private func context(
        _ deviceClass: String = "phone-4g", mbps: Double = 12, loadMs: Double? = nil,
        inferenceMs: Double? = nil, memoryMiB: Double? = nil, floor: Double? = nil
    ) -> RequestContext {
        RequestContext(
            device: RequestContext.Device(deviceClass: deviceClass, memoryMiB: memoryMiB),
            network: RequestContext.Network(
                bandwidthMbps: Estimate(mbps, deviation: mbps / 4), roundTripMs: Estimate(50)),
            loadDeadlineMs: loadMs, inferenceDeadlineMs: inferenceMs, accuracyFloor: floor)
    }

    @Test func whatIsServedAsksForNothing() {
        let found = selector.proposals(
            for: [WeightedContext(context(loadMs: 20_000))], atMost: 3)
        #expect((found.proposals.isEmpty, found.unserved) == (true, 0))
        let none = selector.proposals(for: [], atMost: 3)
        #expect((none.proposals.isEmpty, none.unserved) == (true, 0))
    }

    @Test func limitsBecomeABudget() throws {
        let found = selector.proposals(
            for: [
                WeightedContext(context(loadMs: 1500, inferenceMs: 20, floor: 0.9), count: 6),
                WeightedContext(context(loadMs: 60_000), count: 4),
            ], atMost: 3)
        #expect(found.unserved == 0.6)
        let proposal = try #require(found.proposals.first)
        #expect(found.proposals.count == 1)
        #expect(proposal.share == 0.6)
        #expect(proposal.profile.name == "phone-4g-next-1")
        // A fifth of an inference's time is kept free for what predictions are off.
        #expect(try abs(#require(proposal.profile.budget.inferenceMs) - 20 / 1.2) < 0.1)
        let load = try #require(proposal.profile.budget.loadMs)
        #expect(load > 800 && load < 1400)
        #expect(proposal.profile.budget.maxAccuracyDrop == 0.05)
        #expect(proposal.profile.budget.peakMemoryMiB == 256)
        #expect(proposal.profile.contradictions.isEmpty)
        #expect(proposal.profile.network == Network(bandwidthMbps: 12, roundTripMs: 50))
        #expect(proposal.origin.reference == family[0].reference)
        #expect(proposal.workShare < 0.5)
        #expect(proposal.fileBytes < 2_000_000)
    }

    /// A variant that keeps the proposed budget is one that the context's selection takes.
    @Test(arguments: [21, 22, 23] as [UInt64])
    func whatKeepsTheBudgetServes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var proposed = 0
        for round in 0..<100 {
            let wanted = context(
                ["phone-4g", "low-end-phone-3g", "laptop-wifi"].randomElement(using: &random) ?? "",
                mbps: random.logarithmic(0.5...50), loadMs: random.logarithmic(400...5000),
                inferenceMs: random.logarithmic(2...60), memoryMiB: random.logarithmic(0.5...64))
            let found = selector.proposals(for: [WeightedContext(wanted)], atMost: 1)
            guard let proposal = found.proposals.first, let device = proposal.profile.device else {
                continue
            }
            proposed += 1
            let place = Comment(rawValue: "seed \(seed), round \(round)")
            let costs = CostModel(device: device, network: proposal.profile.network)
            // As large as the budget allows, as the planner finds out.
            var variant = Sample.candidate(9, accuracy: 0.9)
            let limits = proposal.profile.limits
            for step in 0..<400 {
                let share = pow(0.97, Double(step))
                variant = Sample.candidate(
                    9, accuracy: 0.9, multiplyAdds: Int(400_000_000 * share),
                    fileBytes: Int(8_000_000 * share), memoryBytes: Int(9 * 1_048_576 * share))
                guard let workload = variant.workload else { continue }
                let isKept =
                    costs.inferenceMs(of: workload) ?? .infinity <= limits.inferenceMs ?? .infinity
                    && costs.loadMs(
                        fileBytes: variant.fileBytes, decodedBytes: variant.decodedBytes)
                        ?? .infinity <= limits.loadMs ?? .infinity
                    && Double(variant.peakMemoryBytes)
                        <= (limits.peakMemoryMiB ?? .infinity) * 1_048_576
                if isKept { break }
            }
            let after = VariantSelector(
                VariantCatalogue(family + [variant], devices: Sample.devices))
            #expect(after.select(wanted).step == .fits, place)
            #expect(after.select(wanted).candidate?.digest == variant.digest, place)
        }
        #expect(proposed > 30)
    }

    @Test func oneProfileServesManyContexts() {
        let contexts = (0..<40).map { number in
            WeightedContext(
                context(mbps: 2 + Double(number) / 40, loadMs: 1500, inferenceMs: 20))
        }
        let found = selector.proposals(for: contexts, atMost: 2)
        #expect(found.unserved == 1)
        #expect((1...2).contains(found.proposals.count))
        #expect(found.proposals.reduce(0) { $0 + $1.share } > 0.95)
    }

    @Test func whatCannotBeServedIsSaid() {
        let found = selector.proposals(
            for: [
                WeightedContext(context(loadMs: 1)), WeightedContext(context(memoryMiB: 0.001)),
                WeightedContext(context(floor: 0.96)),
                WeightedContext(RequestContext(model: "other")),
            ], atMost: 3)
        #expect(found.proposals.isEmpty)
        #expect(found.unserved == 1)
        #expect(found.obstacles == [.limits: 0.5, .floor: 0.25, .noSuchModel: 0.25])
    }

    @Test func aNameThatIsTakenIsNotGivenAgain() {
        var more = family
        more[1].reference = "net/phone-4g-next-1:v1"
        let selector = VariantSelector(VariantCatalogue(more, devices: Sample.devices))
        let found = selector.proposals(
            for: [WeightedContext(context(loadMs: 1500, inferenceMs: 20))], atMost: 1)
        #expect(found.proposals.map(\.profile.name) == ["phone-4g-next-2"])
    }
}
