import Foundation
import Testing

@testable import RuntimeAdapter

@Suite struct SwitchGuardTests {
    private func option(
        _ id: String, accuracy: Double? = 0.9, inferenceMs: Double = 10, strain: Double = 0.5
    ) -> SwitchGuard.Option {
        SwitchGuard.Option(id: id, accuracy: accuracy, inferenceMs: inferenceMs, strain: strain)
    }

    @Test func decidesByTheRules() {
        var guarded = SwitchGuard(
            options: SwitchGuard.Options(dwellMs: 1000, headroom: 0.2, speedMargin: 0.1))
        let (a, better) = (option("a"), option("b", accuracy: 0.95))
        #expect(guarded.consider(a, used: nil, atMs: 0) == .adopt)
        #expect(guarded.consider(a, used: a, atMs: 1) == .same)
        #expect(guarded.consider(better, used: a, atMs: 999) == .dwell)
        let tight = option("b", accuracy: 0.95, strain: 0.9)
        #expect(guarded.consider(tight, used: a, atMs: 2000) == .notWorthIt)
        let faster = option("c", inferenceMs: 9.5)
        #expect(guarded.consider(faster, used: a, atMs: 2000) == .notWorthIt)
        #expect(guarded.consider(option("c", accuracy: 0.8), used: a, atMs: 2000) == .notWorthIt)
        #expect(guarded.consider(better, used: a, atMs: 2000) == .improve)
        let missed = option("b", accuracy: 0.95, strain: 1.2)
        #expect(guarded.consider(a, used: missed, atMs: 2500) == .dwell)
        #expect(guarded.consider(a, used: missed, atMs: 3000) == .escape)
        // Away from what is gone at once.
        #expect(guarded.consider(better, used: nil, atMs: 3001) == .replaceMissing)
        #expect(guarded.current == "b")
        #expect(guarded.switches == 3)
    }

    @Test func clocksThatJumpDoNoHarm() {
        var guarded = SwitchGuard(options: SwitchGuard.Options(dwellMs: 1000))
        let (a, b) = (option("a"), option("b", accuracy: 0.95))
        #expect(guarded.consider(a, used: nil, atMs: 1e9) == .adopt)
        #expect(guarded.consider(b, used: a, atMs: 0) == .dwell)
        #expect(guarded.consider(b, used: a, atMs: .nan) == .dwell)
        #expect(guarded.consider(b, used: a, atMs: 999) == .dwell)
        #expect(guarded.consider(b, used: a, atMs: 1000) == .improve)
    }

    /// A bandwidth that wanders around the threshold between two variants.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func doesNotFlap(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let selector = VariantSelector(
            VariantCatalogue(
                [
                    Sample.candidate(1, accuracy: 0.92, fileBytes: 1_000_000),
                    Sample.candidate(2, accuracy: 0.90, fileBytes: 200_000),
                ], devices: Sample.devices))
        var context = RequestContext(
            device: RequestContext.Device(deviceClass: "phone-4g"),
            network: RequestContext.Network(
                bandwidthMbps: Estimate(12), roundTripMs: Estimate(70)))
        let load = try #require(selector.assess(Sample.digest(1), in: context)?.load)
        context.loadDeadlineMs = load.upperMs

        var guarded = SwitchGuard(options: SwitchGuard.Options(dwellMs: 10_000))
        var (logarithm, naive, last) = (0.0, 0, "")
        let seconds = 2000
        for second in 0..<seconds {
            // A random walk that returns to the threshold.
            logarithm = 0.9 * logarithm + 0.05 * random.normal()
            context.network?.bandwidthMbps?.value = 12 * exp(logarithm)
            let proposal = try #require(selector.select(context).candidate).digest
            if proposal != last { naive += 1 }
            last = proposal
            let assessed = try #require(selector.assess(proposal, in: context))
            let used = guarded.current.flatMap { selector.assess($0, in: context) }
            _ = guarded.consider(
                SwitchGuard.Option(assessed), used: used.map(SwitchGuard.Option.init),
                atMs: Double(second) * 1000)
        }
        #expect(naive > 200, "seed \(seed)")
        #expect(guarded.switches * 8 < naive, "seed \(seed): \(guarded.switches) of \(naive)")
        #expect(guarded.switches <= seconds / 10 + 1)
    }

    /// Whatever is proposed, the dwell bounds the switches.
    @Test func switchesAreBounded() {
        var random = SeededGenerator(seed: 6)
        var guarded = SwitchGuard(options: SwitchGuard.Options(dwellMs: 500))
        for step in 0..<10_000 {
            func any(_ id: String) -> SwitchGuard.Option {
                option(
                    id, accuracy: Double.random(in: 0...1, using: &random),
                    strain: Double.random(in: 0...3, using: &random))
            }
            let proposal = any(["a", "b", "c"].randomElement(using: &random) ?? "a")
            _ = guarded.consider(
                proposal, used: guarded.current.map(any), atMs: Double(step) * 10)
        }
        #expect(guarded.switches > 10)
        #expect(guarded.switches <= 100_000 / 500 + 1)
    }
}
