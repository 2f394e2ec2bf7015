import ArgumentParser

/// The options that say on what networks are held against each other.
struct ProofOptions: ParsableArguments {
    @OptionGroup var inputOptions: ProofInputOptions

    @Flag(help: "Do not run the networks to prove that the shrunk one equals the masked one.")
    var skipProof = false

    init() {}

    var inputs: any ProofInputs { inputOptions.inputs }
}

/// The inputs alone.
struct ProofInputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Random inputs on which the shrunk network is held against the masked one.",
            valueName: "count"))
    var proofInputs = 4

    @Option(help: ArgumentHelp("What the random inputs depend on.", valueName: "number"))
    var seed = 1

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

    var inputs: any ProofInputs { RandomInputs(count: proofInputs, seed: UInt64(seed)) }
}
