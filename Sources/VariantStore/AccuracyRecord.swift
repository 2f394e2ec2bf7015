/// How often the base and the variant give the right answer on the same labelled samples.
package struct AccuracyRecord: Sendable, Equatable, Codable {
    /// What was counted, such as `top-1`.
    package var metric: String
    /// SHA-256 of the samples and their labels as a network sees them.
    package var dataSHA256: String
    package var samples: Int
    /// Shares, 0 to 1.
    package var before: Double
    package var after: Double

    package init(
        metric: String, dataSHA256: String, samples: Int, before: Double, after: Double
    ) {
        self.metric = metric
        self.dataSHA256 = dataSHA256
        self.samples = samples
        self.before = before
        self.after = after
    }

    enum CodingKeys: String, CodingKey {
        case metric, samples, before, after
        case dataSHA256 = "data-sha256"
    }
}

/// How often the base and the variant give the same answer on the same samples.
package struct AgreementRecord: Sendable, Equatable, Codable {
    /// SHA-256 of the samples, and of their labels if they have some, as a network sees them.
    package var dataSHA256: String
    package var samples: Int
    /// The share of samples of which both tell the same class, 0 to 1.
    package var share: Double

    package init(dataSHA256: String, samples: Int, share: Double) {
        self.dataSHA256 = dataSHA256
        self.samples = samples
        self.share = share
    }

    enum CodingKeys: String, CodingKey {
        case samples, share
        case dataSHA256 = "data-sha256"
    }
}
