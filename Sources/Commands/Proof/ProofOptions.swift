import ArgumentParser
import Datasets
import ModelGraph

/// The options that say on what networks are held against each other.
struct ProofOptions: ParsableArguments {
    @OptionGroup var inputOptions: ProofInputOptions

    @Flag(help: "Do not run the networks to prove that the shrunk one equals the masked one.")
    var skipProof = false

    init() {}
}

/// The inputs alone.
struct ProofInputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Random inputs, or samples of the calibration data, on which the shrunk network is held against the masked one.",
            valueName: "count"))
    var proofInputs = 4

    @Option(
        help: ArgumentHelp(
            "What the random inputs and the choice of samples depend on.", valueName: "number"))
    var seed = Int(RandomInputs.usualSeed)

    init() {}

    func validate() throws {
        guard (1...1000).contains(proofInputs) else {
            throw ValidationError("--proof-inputs \(proofInputs): must be from 1 to 1000.")
        }
        // Whole numbers up to there are the same in every reader of JSON.
        guard (0...(1 << 53)).contains(seed) else {
            throw ValidationError("--seed \(seed): must be from 0 to 9007199254740992.")
        }
    }

    /// Samples of the data, or random inputs without any.
    func inputs(_ calibration: Dataset?, for graph: ModelGraph) throws -> any ProofInputs {
        try Self.inputs(calibration, for: graph, count: proofInputs, seed: UInt64(seed))
    }

    /// Samples of the data, or random inputs without any.
    static func inputs(
        _ calibration: Dataset?, for graph: ModelGraph, count: Int, seed: UInt64
    ) throws -> any ProofInputs {
        guard let calibration else { return RandomInputs(count: count, seed: seed) }
        return try DataInputs(calibration, for: graph, count: count, seed: seed)
    }
}
