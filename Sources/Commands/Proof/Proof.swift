import Execution
import ModelGraph
import OrderedJSON

/// Evidence that the shrunk network gives what the masked one gives.
///
/// Both are run on the same seeded random inputs; what counts is the largest difference, absolute and as a share of the largest
/// output of the masked network.
struct Proof {
    /// The seed of the inputs.
    static let seed: UInt64 = 1
    /// The largest relative difference that counts as equal.
    static let tolerance = 1e-4

    var inputs: Int
    var largestDifference: Float = 0
    /// The largest magnitude among the masked network's outputs.
    var scale: Float = 0
    /// Why the networks could not be run; nil if they were.
    var obstacle: String?

    /// The largest difference within a tensor as a share of its largest magnitude.
    var relativeDifference: Float = 0
    var holds: Bool { obstacle != nil || Double(relativeDifference) <= Self.tolerance }

    init(masked: ModelGraph, shrunk: ModelGraph, inputs count: Int) throws {
        inputs = count
        do {
            try compare(masked, shrunk)
        } catch let error as ExecutionError where error.code == .unsupported || error.code == .shape
        {
            obstacle = "\(error)"
        }
    }

    private mutating func compare(_ masked: ModelGraph, _ shrunk: ModelGraph) throws {
        // A softmax hides differences; what goes into the last layers is compared too.
        let last = masked.outputs.flatMap { masked.nodes[$0.node].inputs }
            .filter { Self.isSameSize($0, masked, shrunk) }
        let options = PreparationOptions(threads: 2, captures: last)
        let reference = try PreparedModel(masked, options: options)
        let smaller = try PreparedModel(shrunk, options: options)
        var random = SeededRandom(Self.seed)
        for _ in 0..<inputs {
            let tensors = reference.inputShapes.map { shape in
                Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in random.next() })
            }
            let (expected, found) = (try reference.capture(tensors), try smaller.capture(tensors))
            for (a, b) in zip(expected.outputs, found.outputs) { compare(a, b) }
            for tensor in last {
                if let a = expected.captures[tensor], let b = found.captures[tensor] {
                    compare(a, b)
                }
            }
        }
    }

    private static func isSameSize(
        _ tensor: TensorReference, _ masked: ModelGraph, _ shrunk: ModelGraph
    ) -> Bool {
        guard let before = try? masked.inferShapes(), let after = try? shrunk.inferShapes() else {
            return false
        }
        return before[tensor] == after[tensor]
    }

    private mutating func compare(_ expected: Tensor, _ found: Tensor) {
        var (difference, size): (Float, Float) = (0, 0)
        for (a, b) in zip(expected.values, found.values) {
            // A NaN on one side alone is the largest difference there is.
            let gap = a.isNaN != b.isNaN ? .infinity : (a - b).magnitude
            difference = max(difference, gap.isNaN ? 0 : gap)
            size = max(size, a.magnitude)
        }
        largestDifference = max(largestDifference, difference)
        scale = max(scale, size)
        relativeDifference = max(relativeDifference, size > 0 ? difference / size : difference)
    }

    var json: JSON {
        if let obstacle { return ["run": false, "reason": .string(obstacle)] }
        return [
            "run": true, "holds": .bool(holds), "inputs": .integer(inputs),
            "seed": .integer(Int(Self.seed)),
            "largest-difference": .real(Double(largestDifference)),
            "relative-difference": .real(Double(relativeDifference)),
            "tolerance": .real(Self.tolerance),
        ]
    }
}

/// Numbers from 0 to 1 that depend on the seed alone (SplitMix64).
struct SeededRandom {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> Float {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Float((z ^ (z >> 31)) >> 40) / Float(1 << 24)
    }
}
