/// What was done, without training, to make up for what was removed.
package struct RecoveryRecord: Sendable, Equatable, Codable {
    /// Samples on which kernels were fitted.
    package struct Calibration: Sendable, Equatable, Codable {
        /// Of the samples as the network sees them, in the order in which they were used.
        package var sha256: String
        package var samples: Int
        /// What the choice of samples depends on.
        package var seed: Int

        package init(sha256: String, samples: Int, seed: Int) {
            self.sha256 = sha256
            self.samples = samples
            self.seed = seed
        }
    }

    /// What was done to one layer; errors are shares of its outputs' variance.
    package struct Layer: Sendable, Equatable, Codable {
        package var layer: String
        package var errorBefore: Double
        package var errorAfter: Double

        package init(layer: String, errorBefore: Double, errorAfter: Double) {
            self.layer = layer
            self.errorBefore = errorBefore
            self.errorAfter = errorAfter
        }

        enum CodingKeys: String, CodingKey {
            case layer
            case errorBefore = "error-before"
            case errorAfter = "error-after"
        }
    }

    /// `means`, `merge` or `reconstruction`.
    package var kind: String
    /// nil for a kind that needs no data.
    package var calibration: Calibration?
    /// In the order in which they were worked on.
    package var layers: [Layer]

    package init(kind: String, calibration: Calibration?, layers: [Layer]) {
        self.kind = kind
        self.calibration = calibration
        self.layers = layers
    }
}
