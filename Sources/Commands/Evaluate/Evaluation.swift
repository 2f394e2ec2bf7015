/// How well a model does on data.
package struct Evaluation: Hashable, Sendable {
    /// One class, as the labels have it.
    package struct ClassResult: Hashable, Sendable {
        package var label: Int
        /// Samples with that label.
        package var count: Int
        /// Those that the model recognises.
        package var correct: Int

        /// The share of its samples that are recognised (recall); nil without samples.
        package var accuracy: Double? { count == 0 ? nil : Double(correct) / Double(count) }
    }

    /// What two models say of the same samples.
    package struct Agreement: Hashable, Sendable {
        /// The share of samples of which both tell the same class.
        package var share: Double
        /// The mean Kullback-Leibler divergence of the model's probabilities from the base's, in nats.
        package var divergence: Double
        /// The base's accuracy on the same samples; nil without labels.
        package var baseAccuracy: Double?
    }

    /// The output that was read.
    package var output: ModelOutput
    /// Samples that were judged.
    package var count: Int
    /// For each sample the class that the model tells.
    package var predictions: [Int]
    /// The share of samples whose class is told right (top-1); nil without labels.
    package var accuracy: Double?
    /// The share of samples whose class is among the five likeliest; nil for five classes or fewer.
    package var topFiveAccuracy: Double?
    /// The mean cross-entropy in nats; nil without labels.
    package var loss: Double?
    /// For each class of the model; empty without labels.
    package var classes: [ClassResult]
    /// Nil without a base.
    package var agreement: Agreement?
    /// What scoring took, reading and preprocessing included.
    package var seconds = 0.0
}

/// What became of one sample.
struct SampleOutcome: Hashable, Sendable {
    var prediction: Int
    var isAmongFive = false
    var loss = 0.0
    var basePrediction: Int?
    var divergence = 0.0
}

extension Evaluation {
    /// Sums up the samples in their order, so that the sums depend on nothing else.
    init(
        _ outcomes: [SampleOutcome], labels: [Int]?, output: ModelOutput, hasBase: Bool
    ) {
        self.output = output
        count = outcomes.count
        predictions = outcomes.map(\.prediction)
        classes = []
        func share(_ isIt: (Int) -> Bool) -> Double {
            Double(outcomes.indices.count { isIt($0) }) / Double(max(outcomes.count, 1))
        }
        func mean(_ value: (SampleOutcome) -> Double) -> Double {
            outcomes.reduce(0) { $0 + value($1) } / Double(max(outcomes.count, 1))
        }
        if let labels {
            accuracy = share { outcomes[$0].prediction == labels[$0] }
            if output.classes > 5 { topFiveAccuracy = share { outcomes[$0].isAmongFive } }
            loss = mean(\.loss)
            classes = (0..<output.classes).map { ClassResult(label: $0, count: 0, correct: 0) }
            for (outcome, label) in zip(outcomes, labels) {
                classes[label].count += 1
                if outcome.prediction == label { classes[label].correct += 1 }
            }
        }
        guard hasBase else { return }
        agreement = Agreement(
            share: share { outcomes[$0].prediction == outcomes[$0].basePrediction },
            divergence: mean(\.divergence),
            baseAccuracy: labels.map { labels in
                share { outcomes[$0].basePrediction == labels[$0] }
            })
    }
}
