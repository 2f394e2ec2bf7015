import ArgumentParser
import Datasets
import ModelGraph

/// The options that say on what networks are held against each other and scored.
struct ProofDataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Data on which networks are held against each other, in place of random inputs; labels are not needed.",
            valueName: "data"), completion: .file())
    var calibration: String?

    @OptionGroup var data: DataOptions

    init() {}

    /// Samples of the calibration data that are compared for agreement, unless `--limit` says how many.
    static let usualLimit = 256

    /// The data of `--data`; nil if it is not given.
    func labelled(for graph: ModelGraph) throws -> Dataset? {
        // Options about data may be meant for --calibration alone.
        if data.data == nil, calibration != nil { return nil }
        return try data.open(for: graph)
    }

    /// The data of `--calibration`; nil if it is not given.
    func calibrating(for graph: ModelGraph) throws -> Dataset? {
        guard let calibration else { return nil }
        var options = data
        options.limit = options.limit ?? Self.usualLimit
        return try options.open(calibration, for: graph)
    }
}
