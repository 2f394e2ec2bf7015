/// How careful a selection is.
public struct SelectionOptions: Sendable, Hashable {
    /// The `k` of mean + k·σ, which deadlines are held against; 1 keeps about 84 % of them.
    public let deviations: Double
    /// One standard deviation of a predicted inference that nobody observed, as a share of it.
    public let inferenceShare: Double
    /// The same of candidates that a relative's workload stands in for.
    public let estimatedShare: Double
    /// The same of a predicted load, beside what the network's uncertainty adds.
    public let loadShare: Double
    /// The most classes of devices whose predictions are kept.
    public let mostClasses: Int
    /// How many classes of measured devices may be predicted anew in a minute, and at once a tenth of that.
    ///
    /// Predicting takes a thousand times as long as selecting, and clients may claim any figures. Beyond that a device counts as
    /// what its label says.
    public let newClassesPerMinute: Int
    /// After so many accepted observations of a class its predictions follow them.
    public let observationsPerRefresh: Int

    /// Numbers below their least sensible value are raised to it; what is no number is taken as the default.
    public init(
        deviations: Double = 1, inferenceShare: Double = 0.2, estimatedShare: Double = 0.4,
        loadShare: Double = 0.2, mostClasses: Int = 64, newClassesPerMinute: Int = 600,
        observationsPerRefresh: Int = 8
    ) {
        func share(_ value: Double, _ absent: Double) -> Double {
            value.isNaN ? absent : min(max(value, 0), 10)
        }
        self.deviations = share(deviations, 1)
        self.inferenceShare = share(inferenceShare, 0.2)
        self.estimatedShare = share(estimatedShare, 0.4)
        self.loadShare = share(loadShare, 0.2)
        self.mostClasses = max(1, mostClasses)
        self.newClassesPerMinute = max(0, newClassesPerMinute)
        self.observationsPerRefresh = max(1, observationsPerRefresh)
    }

    /// Of inference, before anything was observed.
    func priorShare(of candidate: CandidateDescription) -> Double {
        candidate.isEstimated ? estimatedShare : inferenceShare
    }
}
