import ArgumentParser
import Datasets
import ModelGraph

/// The options that name data and say what is done to it.
struct DataOptions: ParsableArguments {
    @Option(
        help:
            "Data, with labels or without: HDF5, .npz, .npy, IDX, or a folder of PNG and JPEG images with one sub-folder per class.",
        completion: .file())
    var data: String?

    @Option(
        help: ArgumentHelp(
            "A description of the data in YAML, in place of the one beside it.", valueName: "file"),
        completion: .file())
    var preprocessing: String?

    @Option(
        help: ArgumentHelp(
            "What every number of a sample is multiplied by, as 1/255.", valueName: "number"))
    var scale: String?

    @Option(
        help: ArgumentHelp(
            "What is taken off after scaling: a number, or one per channel joined by commas.",
            valueName: "numbers"))
    var mean: String?

    @Option(
        help: ArgumentHelp(
            "What is divided by after that: a number, or one per channel joined by commas.",
            valueName: "numbers"))
    var standardDeviation: String?

    @Option(help: ArgumentHelp("The size to bring images to, as 224x224.", valueName: "size"))
    var resize: String?

    @Option(help: ArgumentHelp("How images are resized: bilinear or nearest.", valueName: "method"))
    var resizeMethod: String?

    @Option(
        help: ArgumentHelp(
            "The channels that the model wants: rgb, bgr or grey.", valueName: "order"))
    var channelOrder: String?

    @Option(
        help: ArgumentHelp(
            "The array with the samples, where a file holds several.", valueName: "name"))
    var samples: String?

    @Option(
        help: ArgumentHelp(
            "The array with the labels, or a file with the labels alone.", valueName: "name"))
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "Which part of the data, where there are several: test, train or validation.",
            valueName: "part"))
    var split: String?

    @Option(
        help: ArgumentHelp(
            "At most that many samples, chosen at random with a fixed seed.", valueName: "count"))
    var limit: Int?

    @Flag(help: "Refuse damaged images; otherwise they are left out and named.")
    var strict = false

    init() {}

    /// Opens the data for a model.
    ///
    /// - Returns: nil if `--data` is not given.
    func open(for graph: ModelGraph) throws -> Dataset? {
        guard let data else {
            if let option = strayOption {
                throw CommandFailure(.usage, "\(option) says something about data; give --data")
            }
            return nil
        }
        return try open(data, for: graph)
    }

    /// Opens other data than `--data`, under the same options.
    func open(_ path: String, for graph: ModelGraph) throws -> Dataset {
        try Dataset.open(path: path, options: try datasetOptions(for: graph))
    }

    private var strayOption: String? {
        let given: [(String, Bool)] = [
            ("--preprocessing", preprocessing != nil), ("--samples", samples != nil),
            ("--labels", labels != nil), ("--split", split != nil), ("--limit", limit != nil),
            ("--strict", strict),
        ]
        return given.first(where: \.1)?.0 ?? words.first.map { "--" + $0.key.rawValue }
    }

    /// The options that were given about preprocessing.
    private var words: [(key: Preprocessing.Key, text: String)] {
        let all: [(Preprocessing.Key, String?)] = [
            (.scale, scale), (.mean, mean), (.standardDeviation, standardDeviation),
            (.resize, resize), (.resizeMethod, resizeMethod), (.channelOrder, channelOrder),
        ]
        return all.compactMap { key, text in text.map { (key, $0) } }
    }

    private func datasetOptions(for graph: ModelGraph) throws -> DatasetOptions {
        var options = DatasetOptions()
        options.samplesName = samples
        options.labels = labels
        options.descriptionPath = preprocessing
        options.limit = limit
        options.isStrict = strict
        options.scalesBytes = !ModelInput.rescales(graph)
        if let split {
            guard let part = DatasetSplit(rawValue: split) else {
                throw CommandFailure(
                    .usage, "--split \(split): must be one of test, train, validation")
            }
            options.split = part
        }
        if let limit, limit < 1 {
            throw CommandFailure(.usage, "--limit \(limit): must be at least 1")
        }
        for (key, text) in words {
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(
                String.init)
            if let rule = options.preprocessing.set(key, parts) {
                throw CommandFailure(.usage, "--\(key.rawValue) \(text): must be \(rule)")
            }
        }
        return options
    }
}
