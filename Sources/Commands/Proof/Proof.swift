import Execution
import ModelGraph
import VariantStore

/// Evidence that the shrunk network gives what the masked original gives.
///
/// Both are run on the same inputs; what counts is the largest difference as a share of the largest
/// magnitude in its tensor, over all inputs.
struct Proof {
    /// The largest relative difference that counts as equal, unless rounding alone makes a larger one.
    static let tolerance = 1e-4

    var record: ProofRecord

    /// Whether nothing speaks against the variant.
    var holds: Bool {
        guard case .run(let result) = record else { return true }
        return result.holds
    }

    /// For those who ask for none.
    static let skipped = Proof(record: .notRun(reason: "skipped by request"))

    private init(record: ProofRecord) { self.record = record }

    /// Runs both networks, one after the other, so that only one is in memory.
    ///
    /// - Parameters:
    ///   - masked: makes the masked original; what it needs of its own is freed before the shrunk network is prepared.
    ///   - activationByteCount: what a run of the masked network on one sample is expected to need.
    /// - Throws: what running them throws, but for a network that cannot be run: that is recorded.
    init(
        masked: @escaping () throws -> ModelGraph, shrunk: ModelGraph, inputs: any ProofInputs,
        activationByteCount: Int
    ) throws {
        do {
            let pair = Pair(
                masked: masked, shrunk: shrunk, inputs: inputs,
                batch: ProofRun.batch(
                    of: inputs.count, activationByteCount: activationByteCount))
            let difference = try pair.comparison(with: shrunk, on: [inputs])
            let tolerance = try Self.tolerance(for: difference.relative) {
                try pair.comparison(
                    with: masked(),
                    on: (1...Self.nudges).map { NudgedInputs(base: inputs, round: $0) }
                ).relative
            }
            record = difference.record(of: inputs, tolerance: tolerance)
        } catch let error as ExecutionError
            where [.unsupported, .shape, .memory].contains(error.code)
        {
            record = .notRun(reason: "\(error)")
        }
    }

    /// How often inputs are nudged to see what rounding does.
    private static let nudges = 4
    /// No rounding excuses more than that.
    private static let largestTolerance = 1e-2

    /// What counts as equal for a network.
    ///
    /// Some networks magnify rounding a thousand times and more, and no two orders of summation agree on them. Where the usual tolerance
    /// is not kept, it becomes four times what the masked network makes of inputs that differ from the same ones by their last bit.
    private static func tolerance(
        for difference: Double, rounding: () throws -> Double
    ) rethrows -> Double {
        guard difference > tolerance, difference <= largestTolerance else { return tolerance }
        return max(tolerance, min(largestTolerance, 4 * (try rounding())))
    }
}

/// The masked network, and what is held against it.
private struct Pair {
    var masked: () throws -> ModelGraph
    var shrunk: ModelGraph
    var inputs: any ProofInputs
    var batch: Int

    /// Compares what the masked network gives on the inputs with what another gives on variations of them.
    func comparison(
        with other: @autoclosure () throws -> ModelGraph, on variations: [any ProofInputs]
    ) throws -> ProofComparison {
        var comparison = ProofComparison()
        var start = 0
        while start < inputs.count {
            let expected = try Expected(
                of: masked(), shrunk: shrunk, inputs: inputs, from: start, batch: batch)
            let run = try ProofRun(
                other(), captures: expected.captures, batch: batch,
                sampleShapes: inputs.sampleShapes)
            for variation in variations {
                var place = 0
                _ = try run.run(variation, from: start, upTo: expected.end) { found in
                    comparison.compare(expected.tensors[place], found)
                    place += 1
                    return true
                }
            }
            start = expected.end
        }
        return comparison
    }
}

/// What the masked network gives on as many inputs as can be kept in memory.
private struct Expected {
    /// More bytes than that are not kept; the networks then take turns.
    static let byteLimit = 64 << 20

    var captures: [TensorReference]
    var tensors: [ProofTensor] = []
    /// The first input that is not among them.
    var end: Int

    init(
        of masked: ModelGraph, shrunk: ModelGraph, inputs: any ProofInputs, from start: Int,
        batch: Int
    ) throws {
        captures = Self.captures(of: masked, shrunk)
        let run = try ProofRun(
            masked, captures: captures, batch: batch, sampleShapes: inputs.sampleShapes)
        var tensors: [ProofTensor] = []
        var bytes = 0
        end = try run.run(inputs, from: start, upTo: inputs.count) { tensor in
            tensors.append(tensor)
            bytes += tensor.values.count * 4
            return bytes <= Self.byteLimit
        }
        self.tensors = tensors
    }

    /// Tensors to compare beside the outputs: a softmax hides differences, so what goes into the last layers counts too.
    private static func captures(of masked: ModelGraph, _ shrunk: ModelGraph) -> [TensorReference] {
        let last = masked.outputs.flatMap { masked.nodes[$0.node].inputs }
        guard let before = try? masked.inferShapes(), let after = try? shrunk.inferShapes() else {
            return []
        }
        return last.filter { before[$0] == after[$0] && !masked.outputs.contains($0) }
    }
}
