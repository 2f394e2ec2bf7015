import Testing

@testable import Commands

/// What a variant must keep, and by how much it does not.
@Suite struct BatchGateTests {
    private func words(
        _ gates: Gates, _ figures: VariantFigures, champion: VariantFigures? = nil
    ) -> [String] {
        let best = champion.map { PublishedVariant.sample("m/p", version: 4, figures: $0) }
        return gates.failures(of: figures, champion: best).map { "\($0.gate): \($0)" }
    }

    @Test func withoutGatesOnlyTheBudgetAndTheProofCount() {
        #expect(words(Gates(), .sample()) == [])
        #expect(words(Gates(), .sample(proofHolds: nil)) == [])
        #expect(
            words(Gates(), .sample(proofHolds: false))
                == ["proof: the shrunk network does not equal the masked one"])
        #expect(
            words(Gates(), .sample(isMet: false))
                == ["budget.file-kib: budget.file-kib: 50.0 KiB, at most 10.0 KiB allowed"])
    }

    @Test func accuracy() {
        let gates = Gates(minAccuracy: 0.9, maxAccuracyLoss: 0.01)
        #expect(words(gates, .sample(accuracy: 0.9)) == [])
        #expect(
            words(gates, .sample(accuracy: 0.88))
                == ["min-accuracy: accuracy 88.00 % is 2.00 points below the floor, 90.00 %"])
        #expect(
            words(gates, .sample(accuracy: 0.9012), champion: .sample(accuracy: 0.9142))
                == [
                    "max-accuracy-loss: accuracy 90.12 % is 1.30 points below that of the champion v4, 91.42 %; 1.00 point allowed"
                ])
        // A loss of just what is allowed, whatever rounding makes of it.
        #expect(words(gates, .sample(accuracy: 0.91), champion: .sample(accuracy: 0.92)) == [])
        #expect(words(gates, .sample(accuracy: 0.95), champion: .sample(accuracy: 0.92)) == [])
    }

    @Test func accuracyThatCannotBeTold() {
        let gates = Gates(minAccuracy: 0.5, maxAccuracyLoss: 0.01)
        #expect(
            words(gates, .sample(), champion: .sample(accuracy: 0.9))
                == [
                    "min-accuracy: min-accuracy cannot be told: the variant has no such figure",
                    "max-accuracy-loss: max-accuracy-loss cannot be told: the variant has no such figure",
                ])
        #expect(
            words(gates, .sample(accuracy: 0.9), champion: .sample())
                == [
                    "max-accuracy-loss: max-accuracy-loss cannot be told: the champion v4 has no such figure; tag a version that has"
                ])
        #expect(
            words(
                gates, .sample(accuracy: 0.9),
                champion: .sample(accuracy: 0.9, dataSHA256: "other"))
                == [
                    "max-accuracy-loss: the accuracy of the champion v4 was measured on other data; tag a version that was measured on the data of this job"
                ])
    }

    @Test func growth() {
        let gates = Gates(growth: [.file: 0.05, .inference: 0.1])
        let champion = VariantFigures.sample(fileBytes: 40 << 10, inferenceMs: 10)
        #expect(
            words(gates, .sample(fileBytes: 42 << 10, inferenceMs: 11), champion: champion) == [])
        #expect(
            words(gates, .sample(fileBytes: 50 << 10, inferenceMs: 12), champion: champion)
                == [
                    "max-file-growth: file 50.0 KiB is 25.0 % more than that of the champion v4, 40.0 KiB; 5.00 % allowed",
                    "max-inference-growth: inference 12.0 ms is 20.0 % more than that of the champion v4, 10.0 ms; 10.0 % allowed",
                ])
        #expect(
            words(gates, .sample(fileBytes: 40 << 10), champion: champion)
                == [
                    "max-inference-growth: max-inference-growth cannot be told: the variant has no such figure"
                ])
        // Without a champion nothing can be compared.
        #expect(words(gates, .sample(fileBytes: 50 << 10)) == [])
    }

    @Test func aProofMayBeRequired() {
        let gates = Gates(requiresProof: true)
        #expect(words(gates, .sample()) == [])
        #expect(
            words(gates, .sample(proofHolds: nil))
                == [
                    "require-proof: there is no proof that the shrunk network equals the masked one; let proof-inputs be at least 1"
                ])
    }
}
