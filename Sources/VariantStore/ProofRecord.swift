/// How the shrunk network was held against the masked original.
package enum ProofRecord: Sendable, Equatable {
    /// Both were run.
    case run(ProofResult)
    /// They were not, and why.
    case notRun(reason: String)
}

/// What came out when both networks were run on the same inputs.
package struct ProofResult: Sendable, Equatable {
    /// Where the inputs came from.
    package enum Source: Sendable, Equatable {
        case random(seed: UInt64)
        /// Samples of a data set.
        case data(sha256: String)
    }

    /// The place of the largest difference, as a share of the tensor's scale.
    package struct Place: Sendable, Equatable, Codable {
        /// The layer that gives the tensor.
        package var layer: String
        /// Which of the inputs, from 0.
        package var input: Int
        /// Index in the tensor, without the batch.
        package var index: [Int]
        /// What the masked network gives there.
        package var masked: Double
        /// What the shrunk network gives there.
        package var shrunk: Double

        package init(layer: String, input: Int, index: [Int], masked: Double, shrunk: Double) {
            self.layer = layer
            self.input = input
            self.index = index
            self.masked = masked
            self.shrunk = shrunk
        }
    }

    package var source: Source
    package var inputs: Int
    /// nil where only a bound is known.
    package var largestDifference: Double?
    /// The largest difference as a share of the largest magnitude in its tensor.
    package var relativeDifference: Double
    /// The largest relative difference that counts as equal: 1e-4, or more for a network that magnifies rounding.
    package var tolerance: Double
    /// nil if the networks agree to the bit.
    package var worst: Place?

    package init(
        source: Source, inputs: Int, largestDifference: Double? = nil,
        relativeDifference: Double = 0,
        tolerance: Double, worst: Place? = nil
    ) {
        self.source = source
        self.inputs = inputs
        self.largestDifference = largestDifference
        self.relativeDifference = relativeDifference
        self.tolerance = tolerance
        self.worst = worst
    }

    package var holds: Bool { relativeDifference <= tolerance }

    /// The same without the last digits, which depend on the processor: the difference becomes a bound, the next power of ten.
    ///
    /// Below 1e-6, where only rounding is left, that is the bound. A proof that fails stays as it is.
    package var bounded: ProofResult {
        guard holds else { return self }
        var result = self
        result.largestDifference = nil
        result.worst = nil
        if let bound = [1e-4, 1e-3, 1e-2].first(where: { tolerance <= $0 }) {
            result.tolerance = bound
        }
        result.relativeDifference = result.tolerance
        for bound in [1e-3, 1e-4, 1e-5, 1e-6]
        where relativeDifference <= bound && bound < result.tolerance {
            result.relativeDifference = bound
        }
        return result
    }
}

extension ProofRecord {
    /// As manifests keep it: the same on every processor.
    package var bounded: ProofRecord {
        switch self {
        case .run(let result): .run(result.bounded)
        case .notRun: self
        }
    }
}

extension ProofRecord: Codable {
    enum CodingKeys: String, CodingKey {
        case isRun = "run"
        case reason, source, seed, inputs, tolerance, holds, worst
        case dataSHA256 = "data-sha256"
        case largestDifference = "largest-difference"
        case relativeDifference = "relative-difference"
    }

    /// - Throws: `DecodingError` for missing keys and for a source that is not known.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard try container.decode(Bool.self, forKey: .isRun) else {
            self = .notRun(reason: try container.decode(String.self, forKey: .reason))
            return
        }
        let source: ProofResult.Source
        switch try container.decode(String.self, forKey: .source) {
        case "random": source = .random(seed: try container.decode(UInt64.self, forKey: .seed))
        case "data":
            source = .data(sha256: try container.decode(String.self, forKey: .dataSHA256))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .source, in: container,
                debugDescription: "'\(other)' is neither 'random' nor 'data'")
        }
        self = .run(
            ProofResult(
                source: source, inputs: try container.decode(Int.self, forKey: .inputs),
                largestDifference: try container.decodeIfPresent(
                    Double.self, forKey: .largestDifference),
                relativeDifference: try container.decode(Double.self, forKey: .relativeDifference),
                tolerance: try container.decode(Double.self, forKey: .tolerance),
                worst: try container.decodeIfPresent(ProofResult.Place.self, forKey: .worst)))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .notRun(let reason):
            try container.encode(false, forKey: .isRun)
            try container.encode(reason, forKey: .reason)
        case .run(let result):
            try container.encode(true, forKey: .isRun)
            try container.encode(result.holds, forKey: .holds)
            switch result.source {
            case .random(let seed):
                try container.encode("random", forKey: .source)
                try container.encode(seed, forKey: .seed)
            case .data(let digest):
                try container.encode("data", forKey: .source)
                try container.encode(digest, forKey: .dataSHA256)
            }
            try container.encode(result.inputs, forKey: .inputs)
            try container.encodeIfPresent(result.largestDifference, forKey: .largestDifference)
            try container.encode(result.relativeDifference, forKey: .relativeDifference)
            try container.encode(result.tolerance, forKey: .tolerance)
            try container.encodeIfPresent(result.worst, forKey: .worst)
        }
    }
}
