import Execution
import LinearAlgebra
package import ModelGraph

/// What is wrong with calibration samples, or with the base network run on them.
///
/// One pass over the samples; of the activations only sums, extremes and a bounded number of rows are kept.
package struct CalibrationCheck: Hashable, Sendable {
    /// Something that makes calibration worth less; numbers of samples count from 0.
    package enum Warning: Hashable, Sendable {
        /// Fewer samples than any calibration should have.
        case fewSamples(count: Int, least: Int)
        /// The layer whose features have the fewest rows for each: fewer than two.
        case fewRows(layer: String, rows: Int, features: Int)
        /// Samples whose values are all the same number.
        case constantSamples(count: Int, first: Int)
        /// Samples that equal an earlier one bit by bit; `original` is the one that `first` repeats.
        case duplicatedSamples(count: Int, first: Int, original: Int)
        /// Input channels of a layer that are the same number for all samples at all places.
        case deadChannels(layer: String, count: Int, of: Int)
        /// A layer some of whose features follow from others, apart from those that do not vary.
        case rankDeficient(layer: String, rank: Int, features: Int)
        /// The batch normalisation whose statistics are furthest from the data, and how many are over the threshold.
        case statisticsDisagree(Normalization, layers: Int)
    }

    /// How far a batch normalisation's input is from what it was told in training.
    package struct Normalization: Hashable, Sendable {
        package var layer: String
        /// (data mean − moving mean)² / moving variance, the mean over the channels.
        package var meanShift: Double
        /// The squared natural logarithm of data variance over moving variance, the mean over the channels.
        package var varianceRatio: Double

        /// The larger of both.
        package var figure: Double { max(meanShift, varianceRatio) }
    }

    package struct Options: Sendable {
        package var leastSamples = 64
        /// Rows of features for the rank of each layer, at least; twice the features if there are more.
        package var rows = 4096
        /// Layers with more features are not looked at for their rank.
        package var featureLimit = 1024
        /// The share of its variance that a feature must have for itself.
        package var tolerance = 1e-6
        /// What ``Normalization/figure`` may be.
        package var threshold = 0.5

        package init() {}
    }

    /// In the order of the cases; those of layers in the order of the network.
    package var warnings: [Warning]
    /// All batch normalisations, in the order of the network.
    package var normalizations: [Normalization]
    package var samples: Int

    /// Runs a network over all samples and looks at what comes by.
    ///
    /// - Throws: ``PruningError`` with the code `samples` and the sample's number if a sample holds, or makes a layer's input hold,
    ///   a value that is not finite, or if there are no samples; errors of shapes, of execution, and of the samples themselves.
    package init(
        _ graph: ModelGraph, samples: any CalibrationSamples, options: Options = Options()
    ) throws {
        guard samples.count > 0 else { throw PruningError(.samples, "there are none") }
        let shapes = try graph.inferShapes(inputs: samples.sampleShapes.map { Shape([nil] + $0) })
        let walk = ActivationWalk(graph, shapes: shapes, samples: samples, byteLimit: 0)
        let sites = SiteObserver.all(of: walk, options: options)
        let normalizations = NormalizationObserver.all(of: walk)
        var inputs = SampleObserver()
        let tensors = graph.inputs + sites.map(\.input) + normalizations.map(\.input)
        let (watched, models) = (sites.map(\.watch), normalizations.map(\.watch))
        let reading = graph.inputs
        let leg = try walk.leg(to: tensors)
        try leg.run { range, tensors -> Observation in
            Observation(
                samples: SampleObserver.Piece(range, reading.compactMap { tensors[$0] }),
                sites: watched.map { $0.observe(tensors, range) },
                normalizations: models.map { $0.observe(tensors, range) })
        } take: { range, found in
            try inputs.add(found.samples)
            for (index, piece) in found.sites.enumerated() { try sites[index].add(piece) }
            for (index, piece) in found.normalizations.enumerated() {
                normalizations[index].add(piece)
            }
        }
        self.samples = samples.count
        self.normalizations = NormalizationObserver.figures(normalizations, of: graph)
        warnings = []
        if samples.count < options.leastSamples {
            warnings.append(.fewSamples(count: samples.count, least: options.leastSamples))
        }
        warnings += SiteObserver.fewRows(sites)
        warnings += inputs.warnings
        warnings += sites.compactMap(\.deadChannels)
        warnings += sites.compactMap { $0.rankDeficiency(options) }
        let far = self.normalizations.filter { !($0.figure <= options.threshold) }
        if let worst = far.max(by: { $0.figure < $1.figure }) {
            warnings.append(.statisticsDisagree(worst, layers: far.count))
        }
    }
}

/// What some samples show.
private struct Observation: Sendable {
    var samples: SampleObserver.Piece
    var sites: [SiteObserver.Piece]
    var normalizations: [NormalizationObserver.Piece]
}

/// Looks at the samples themselves.
struct SampleObserver {
    /// Some samples, in order.
    struct Piece: Sendable {
        var digests: [Digest]
        var isConstant: [Bool]
        /// The first that holds a value that is not finite.
        var notFinite: Int?
        var first: Int

        init(_ range: Range<Int>, _ tensors: [Tensor]) {
            first = range.lowerBound
            digests = range.map { _ in Digest() }
            isConstant = range.map { _ in true }
            for tensor in tensors {
                let size = tensor.shape.dropFirst().reduce(1, *)
                for offset in range.indices.map({ $0 - range.lowerBound }) {
                    tensor.withSample(offset, size: size) { values in
                        look(UnsafeBufferPointer(start: values, count: size), at: offset)
                    }
                }
            }
        }

        private mutating func look(_ values: UnsafeBufferPointer<Float>, at offset: Int) {
            var digest = digests[offset]
            var isFinite = true
            for value in values {
                digest.add(value.bitPattern)
                isFinite = isFinite && value.isFinite
            }
            digests[offset] = digest
            if let head = values.first, !values.allSatisfy({ $0 == head }) {
                isConstant[offset] = false
            }
            if !isFinite { notFinite = min(notFinite ?? .max, first + offset) }
        }
    }

    /// Two hashes of 64 bits, so that samples that differ do not meet by accident.
    struct Digest: Hashable, Sendable {
        private var first: UInt64 = 0xCBF2_9CE4_8422_2325
        private var second: UInt64 = 0x9E37_79B9_7F4A_7C15

        mutating func add(_ bits: UInt32) {
            first = (first ^ UInt64(bits)) &* 0x100_0000_01B3
            second = (second ^ UInt64(bits)) &* 0xBF58_476D_1CE4_E5B9
            second ^= second >> 29
        }
    }

    private var seen: [Digest: Int] = [:]
    private var constants: (count: Int, first: Int)?
    private var duplicates: (count: Int, first: Int, original: Int)?

    mutating func add(_ piece: Piece) throws(PruningError) {
        if let sample = piece.notFinite {
            throw PruningError(.samples, at: "\(sample)", "has a value that is not finite")
        }
        for (offset, digest) in piece.digests.enumerated() {
            let sample = piece.first + offset
            if piece.isConstant[offset] {
                constants = ((constants?.count ?? 0) + 1, constants?.first ?? sample)
            }
            if let original = seen[digest] {
                duplicates = (
                    (duplicates?.count ?? 0) + 1, duplicates?.first ?? sample,
                    duplicates?.original ?? original
                )
            } else {
                seen[digest] = sample
            }
        }
    }

    var warnings: [CalibrationCheck.Warning] {
        var warnings: [CalibrationCheck.Warning] = []
        if let constants {
            warnings.append(.constantSamples(count: constants.count, first: constants.first))
        }
        if let duplicates {
            warnings.append(
                .duplicatedSamples(
                    count: duplicates.count, first: duplicates.first,
                    original: duplicates.original))
        }
        return warnings
    }
}
