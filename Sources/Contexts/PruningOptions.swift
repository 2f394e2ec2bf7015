/// How a profile wants its variants pruned.
package struct PruningOptions: Sendable, Equatable, Codable {
    /// What is removed.
    package enum Granularity: String, Sendable, Codable, CaseIterable {
        /// Whole channels: the network really shrinks.
        case channel
        /// Single weights become zero: the compressed file shrinks.
        case weight
    }

    /// Which zeros weight pruning may make.
    package enum WeightPattern: String, Sendable, Codable, CaseIterable {
        case unstructured
        /// Of every 4 weights along the input axis, 2 stay.
        case twoOfFour = "2:4"
        /// Of every 4 weights along the input axis, 1 stays.
        case oneOfFour = "1:4"

        /// The share of zeros that the pattern makes; `nil` where it is free.
        package var sparsity: Double? {
            switch self {
            case .unstructured: nil
            case .twoOfFour: 0.5
            case .oneOfFour: 0.75
            }
        }
    }

    /// Over which weights magnitudes are compared.
    package enum WeightScope: String, Sendable, Codable, CaseIterable {
        /// One threshold for the whole network.
        case global
        /// One threshold per kernel, so that every kernel gets the same sparsity.
        case layer
    }

    /// How the weights are stored in the written file.
    package enum Compression: String, Sendable, Codable, CaseIterable {
        case none
        case deflate
    }

    /// What is done, without any training, to make up for what was removed.
    package enum Recovery: String, Sendable, Codable, CaseIterable {
        /// The tool chooses: reconstruction with calibration data, merging without.
        case auto
        /// Weights that stay are not touched; constants of removed channels are folded.
        case none
        /// Means of removed channels are folded, as far as batch normalisations tell them.
        case means
        /// As ``means``, and removed channels are merged into those that stay and are alike.
        case merge
        /// Kernels are fitted, layer by layer, to what the base gives on calibration data.
        case reconstruction
    }

    package var granularity: [Granularity]
    package var criterion: Criterion
    package var recovery: Recovery
    /// Layers whose output channels and weights stay as they are.
    package var protect: [GlobPattern]
    /// No channel group gets narrower than this.
    package var minimumChannels: Int
    /// No channel group gets narrower than this share of its width in the base.
    package var minimumFraction: Double
    package var weightPattern: WeightPattern
    package var weightScope: WeightScope
    package var compression: Compression
    /// Effort of the compression, 1 (fast) to 12 (small).
    package var compressionLevel: Int

    package init(
        granularity: [Granularity] = Granularity.allCases, criterion: Criterion = .auto,
        recovery: Recovery = .auto, protect: [GlobPattern] = [], minimumChannels: Int = 1,
        minimumFraction: Double = 0,
        weightPattern: WeightPattern = .unstructured, weightScope: WeightScope = .global,
        compression: Compression = .deflate, compressionLevel: Int = 6
    ) {
        self.granularity = granularity
        self.criterion = criterion
        self.recovery = recovery
        self.protect = protect
        self.minimumChannels = minimumChannels
        self.minimumFraction = minimumFraction
        self.weightPattern = weightPattern
        self.weightScope = weightScope
        self.compression = compression
        self.compressionLevel = compressionLevel
    }

    enum CodingKeys: String, CodingKey {
        case granularity, criterion, recovery, protect
        case minimumChannels = "minimum-channels"
        case minimumFraction = "minimum-fraction"
        case weightPattern = "weight-pattern"
        case weightScope = "weight-scope"
        case compression
        case compressionLevel = "compression-level"
    }
}

/// The name of an importance criterion, as profiles and the command line spell it.
///
/// Only names live here; what they compute belongs to the pruning that reads them.
package enum Criterion: String, Sendable, Codable, CaseIterable {
    /// The tool chooses: activation-aware with calibration data, the best data-free one without.
    case auto
    case l1
    case l2
    case batchNormScale = "batch-norm-scale"
    case geometricMedian = "geometric-median"
    case random
    /// Measured: what the network's output loses at each width.
    case outputDivergence = "output-divergence"
    /// Computed from calibration data: what the layers that read a channel lose when they are fitted anew.
    case reconstruction
    /// Norms of kernels, weighted with what goes through them on calibration data.
    case activationL2 = "activation-l2"
}
