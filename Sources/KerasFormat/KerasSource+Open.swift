import Archive
import HDF5
import ModelGraph
import OrderedJSON

extension KerasSource {
    static let modelConfig = "model_config"
    static let trainingConfig = "training_config"
    static let modelWeights = "model_weights"
    /// Optimizer state, in the older and the newer layout.
    static let optimizerGroups: Set<String> = ["optimizer_weights", "optimizer"]
    /// State of the metrics that a compiled model has.
    static let metricsGroup = "metrics"
    /// Groups of the root that are dropped.
    static let droppedGroups = optimizerGroups.union([metricsGroup])
    /// Attributes of the root that are dropped, or written anew.
    static let droppedAttributes: Set<String> = [trainingConfig, modelConfig]

    /// Opens a file and finds out what it is from its content.
    static func open(_ path: String) throws -> KerasSource {
        let mapping = try MappedFile(path)
        let start = mapping.bytes.prefix(4)
        guard !start.isEmpty else { throw KerasError(.notAModel, file: path, "the file is empty") }
        if start.elementsEqual([0x50, 0x4B, 0x03, 0x04]) {
            return try openArchive(mapping, file: path)
        }
        if start.first == UInt8(ascii: "{") || start.first == UInt8(ascii: "[") {
            throw KerasError(
                .notAModel, file: path,
                "this is JSON text; a topology without weights is no model")
        }
        let hdf5: HDF5File
        do {
            hdf5 = try HDF5File(reading: path)
        } catch let error as HDF5Error where error.code == .notHDF5 {
            throw KerasError(
                .notAModel, file: path, "this is neither an HDF5 file nor a .keras archive")
        }
        try refuseLinks(in: hdf5.root, file: path)
        let (kind, weights) = try kind(of: hdf5.root, file: path)
        return KerasSource(
            file: path, kind: kind, hdf5: hdf5, bytes: mapping.bytes, owner: mapping,
            weightsPath: weights)
    }

    /// Refuses links that may lead anywhere, and groups that contain themselves, before anything is followed.
    static func refuseLinks(in root: HDF5Group, file: String) throws {
        try root.walk { entry in
            switch entry.link.kind {
            case .hard: return .enter
            case .soft, .external, .userDefined:
                throw KerasError(
                    .refused, file: file, path: entry.path,
                    "this is a link to another place or file; such links are not followed")
            }
        }
    }

    /// What an HDF5 file is, and where in it the weights stand.
    private static func kind(
        of root: HDF5Group, file: String
    ) throws -> (KerasFileKind, weightsPath: String) {
        if try root.attributes.contains(modelConfig) {
            guard try root.exists(modelWeights) else {
                throw KerasError(
                    .damaged, file: file, path: "/", "there is no group '\(modelWeights)'")
            }
            return (.wholeModelH5, modelWeights)
        }
        for (group, path) in [(root, ""), (try? root.group(modelWeights), modelWeights)] {
            if let group,
                try LegacyWeightsReader.names(LegacyWeightsReader.layerNames, of: group) != nil
            {
                return (.legacyWeightsH5, path)
            }
        }
        for name in ["layers", "_layer_checkpoint_dependencies", "vars"]
        where try root.exists(name) {
            return (.weightsH5, "")
        }
        throw KerasError(
            .notAModel, file: file, "this is an HDF5 file, but no Keras model and no Keras weights")
    }

    /// The topology that the file holds; nil if it holds weights alone.
    func topology() throws -> Topology? {
        switch kind {
        case .wholeModelH5:
            let text = try hdf5.root.attributes.string(Self.modelConfig)
            return try Topology(text: text.utf8, file: file, path: "/@\(Self.modelConfig)")
        case .keras:
            guard let config = attachments.first(where: { $0.name == Self.configName }) else {
                return nil
            }
            return try Topology(text: config.content, file: file, path: Self.configName)
        case .legacyWeightsH5, .weightsH5: return nil
        }
    }

    /// The version that the file says wrote it.
    func kerasVersion() throws -> String? {
        if let version = archiveVersion { return version }
        for group in [hdf5.root, try weightsGroup()] {
            if try group.attributes.contains("keras_version") {
                return try? group.attributes.string("keras_version")
            }
        }
        return nil
    }

    /// What the file has that is dropped in writing.
    func notes(topology: JSON) throws -> [KerasNote] {
        var notes: [KerasNote] = []
        let root = hdf5.root
        if try root.attributes.contains(Self.trainingConfig) {
            notes.append(KerasNote(.compileInformation, path: Self.trainingConfig))
        }
        for name in Self.optimizerGroups.sorted() where try root.exists(name) {
            notes.append(
                KerasNote(.optimizerState, path: name, byteCount: try Self.size(of: root, name)))
        }
        if kind == .keras, !(topology["compile_config"]?.isNull ?? true) {
            notes.append(KerasNote(.compileInformation, path: "compile_config"))
        }
        return notes
    }

    /// Bytes that the datasets below a group take.
    private static func size(of root: HDF5Group, _ name: String) throws -> Int {
        let group = try root.group(name)
        var size = 0
        try group.walk { entry in
            if case .hard(.dataset, _) = entry.link.kind, !entry.isRepeat {
                size += try group.dataset(entry.path).storageSize
            }
            return .enter
        }
        return size
    }
}
