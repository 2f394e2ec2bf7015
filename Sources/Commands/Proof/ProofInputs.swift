import Execution
import ModelGraph
import VariantStore

/// Samples on which two networks are held against each other.
protocol ProofInputs: Sendable {
    /// How many there are.
    var count: Int { get }
    /// Where they come from, for those who want to repeat it.
    var source: ProofResult.Source { get }

    /// One sample of each input, without the batch, where the network leaves sizes open; nil for the network's own.
    var sampleShapes: [[Int]]? { get }

    /// Some of them, as a network takes them.
    ///
    /// - Parameters:
    ///   - samples: their numbers, one for each row of the batch.
    ///   - shapes: of the network's inputs, batch first.
    ///   - ranges: what numbers each input expects.
    func tensors(
        _ samples: [Int], shapes: [[Int]], ranges: [InputRange]
    ) throws -> [Tensor]
}

extension ProofInputs {
    var sampleShapes: [[Int]]? { nil }
}

/// Random numbers in the range that each input expects.
///
/// A sample depends on the seed, the input and its own number, not on the batch that it is in.
struct RandomInputs: ProofInputs {
    /// The seed where nobody names one.
    static let usualSeed: UInt64 = 1

    var count: Int
    var seed: UInt64

    var source: ProofResult.Source { .random(seed: seed) }

    func tensors(_ samples: [Int], shapes: [[Int]], ranges: [InputRange]) -> [Tensor] {
        zip(shapes, ranges).enumerated().map { input, place in
            let (shape, range) = place
            let size = shape.dropFirst().reduce(1, *)
            var values: [Float] = []
            values.reserveCapacity(size * samples.count)
            for sample in samples {
                var random = SeededRandom(seed, stream: input, number: sample)
                for _ in 0..<size { values.append(range.value(at: random.next())) }
            }
            return Tensor(shape: shape, values: values)
        }
    }
}

/// Inputs that differ from others by their last bit at most, one in three up, one down; whole numbers stay.
struct NudgedInputs: ProofInputs {
    var base: any ProofInputs
    /// Which way each number goes depends on it.
    var round: Int

    var count: Int { base.count }
    var source: ProofResult.Source { base.source }
    var sampleShapes: [[Int]]? { base.sampleShapes }

    func tensors(
        _ samples: [Int], shapes: [[Int]], ranges: [InputRange]
    ) throws -> [Tensor] {
        let tensors = try base.tensors(samples, shapes: shapes, ranges: ranges)
        return zip(tensors, ranges).enumerated().map { input, pair in
            let (tensor, range) = pair
            guard !range.isWhole else { return tensor }
            var random = SeededRandom(UInt64(round), stream: input, number: samples.first ?? 0)
            let values = tensor.values.map { value in
                value * (1 + (random.next() * 3 - 1).rounded(.down) * Float.ulpOfOne)
            }
            return Tensor(shape: tensor.shape, values: values)
        }
    }
}

extension RandomInputs {
    /// One batch for a network that is to be timed.
    static func batch(of shapes: [[Int]], for graph: ModelGraph) throws -> [Tensor] {
        let count = shapes.first?.first ?? 1
        return RandomInputs(count: count, seed: usualSeed).tensors(
            Array(0..<count), shapes: shapes,
            ranges: InputRange.ranges(of: graph, shapes: try graph.inferShapes()))
    }
}

extension InputRange {
    /// The number at a share of the range, 0 to 1 (exclusive).
    func value(at share: Float) -> Float {
        guard isWhole else { return lowest + (highest - lowest) * share }
        return min(lowest + (share * (highest - lowest + 1)).rounded(.down), highest)
    }
}

/// Numbers from 0 to 1 (exclusive) that depend on the seed alone (SplitMix64).
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SeededRandom {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var state: UInt64

    /// The numbers of one sample at one input.
    init(_ seed: UInt64, stream: Int, number: Int) {
        state = seed
        for part in [stream, number] {
            state = Self.mix(state &+ Self.step) ^ UInt64(truncatingIfNeeded: part)
        }
    }

    mutating func next() -> Float {
        state &+= Self.step
        return Float(Self.mix(state) >> 40) / Float(1 << 24)
    }

    private static func mix(_ state: UInt64) -> UInt64 {
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
