import HDF5
import ModelGraph

/// Reads the weights of the older HDF5 layout: a group per layer of the outermost model, named in
/// `layer_names`, with datasets named in `weight_names`.
struct LegacyWeightsReader {
    let source: KerasSource

    /// A layer's or nested model's group.
    struct Group {
        var name: String
        var weights: [StoredWeight]
    }

    static let layerNames = "layer_names"
    static let weightNames = "weight_names"
    /// Where Keras 3 puts weights that belong to the model itself.
    static let topLevel = "top_level_model_weights"

    /// The groups in the file's order.
    func groups() throws -> [Group] {
        let parent = try source.weightsGroup()
        guard let names = try Self.names(Self.layerNames, of: parent) else {
            throw KerasError(
                .notAModel, file: source.file, path: parent.path,
                "there is no attribute '\(Self.layerNames)', so these are no Keras weights")
        }
        var groups: [Group] = []
        for name in names {
            groups.append(try group(name, in: parent))
        }
        if !names.contains(Self.topLevel), try parent.exists(Self.topLevel) {
            let group = try group(Self.topLevel, in: parent)
            if !group.weights.isEmpty { groups.append(group) }
        }
        return groups
    }

    private func group(_ name: String, in parent: HDF5Group) throws -> Group {
        let group = try parent.group(name)
        let path = source.weightsPath.isEmpty ? name : "\(source.weightsPath)/\(name)"
        var weights: [StoredWeight] = []
        for weight in try Self.names(Self.weightNames, of: group) ?? [] {
            weights.append(
                StoredWeight(
                    name: weight, path: "\(path)/\(weight)", dataset: try group.dataset(weight)))
        }
        return Group(name: name, weights: weights)
    }

    /// A list of names, which may be split over `name0`, `name1`, …; nil if there is none.
    static func names(_ name: String, of group: HDF5Group) throws -> [String]? {
        let attributes = group.attributes
        if try attributes.contains(name) { return try attributes.strings(name) }
        var names: [String]?
        var part = 0
        while try attributes.contains("\(name)\(part)") {
            names = (names ?? []) + (try attributes.strings("\(name)\(part)"))
            part += 1
        }
        return names
    }
}
