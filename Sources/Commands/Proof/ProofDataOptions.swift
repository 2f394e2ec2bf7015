import ArgumentParser
import Datasets
import ModelGraph

/// The options that say on what networks are held against each other and scored.
struct ProofDataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Samples of what the network will see, without labels: channels are weighed and kernels fitted on them, and networks are held against each other.",
            valueName: "data"), completion: .file())
    var calibration: String?

    @Option(
        help: ArgumentHelp(
            "How many samples of --calibration are used at most.", valueName: "count"))
    var calibrationSamples = DatasetSamples.usualCount

    @OptionGroup var data: DataOptions

    init() {}

    func validate() throws {
        guard calibrationSamples >= 1 else {
            throw ValidationError(
                "--calibration-samples \(calibrationSamples): must be at least 1.")
        }
    }

    /// The data of `--data`; nil if it is not given.
    func labelled(for graph: ModelGraph) throws -> Dataset? {
        // Options about data may be meant for --calibration alone.
        if data.data == nil, calibration != nil { return nil }
        return try data.open(for: graph)
    }

    /// The data of `--calibration`; nil if it is not given.
    func calibrating(for graph: ModelGraph) throws -> Dataset? {
        guard let calibration else { return nil }
        return try data.open(calibration, for: graph)
    }

    /// Samples of the calibration data that are compared for agreement, unless `--limit` says how many.
    private static let comparedCount = 1000

    /// Some of the data of `--calibration`, on which answers are compared; nil if it is not given.
    func compared(for graph: ModelGraph) throws -> Dataset? {
        guard let calibration else { return nil }
        var options = data
        options.limit = options.limit ?? Self.comparedCount
        return try options.open(calibration, for: graph)
    }
}
