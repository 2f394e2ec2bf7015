import HDF5
import ModelGraph
import OrderedJSON

/// Writes an HDF5 file like the one that a model came from, with other weights in the places of its weights.
///
/// Groups, attributes and datasets that mean nothing to us are copied as they are.
struct HDF5Copier {
    let model: KerasModel
    let graph: ModelGraph
    var sink: WeightSink
    /// The weights by the path of the dataset that they stood in.
    private var weights: [String: Weight] = [:]
    /// The element types that they had.
    private var types: [String: HDF5ElementType] = [:]
    /// Weights that no file held, with their place.
    private var added: [AddedWeight] = []

    init(model: KerasModel, graph: ModelGraph, sink: WeightSink) throws {
        self.model = model
        self.graph = graph
        self.sink = sink
        for layer in graph.layers {
            var previous: String?
            for weight in layer.weights {
                let key = WeightOrigin.Key(layer: layer.path, role: weight.role)
                if let origin = model.origins[key] {
                    weights[origin.path] = weight
                    types[origin.path] = origin.elementType
                    previous = origin.path
                    continue
                }
                guard let beside = previous else {
                    throw KerasError(
                        .cannotStore, file: model.file, path: "layer '\(layer.name)'",
                        "its weight '\(weight.role)' has no place in the file")
                }
                let path = Self.sibling(of: beside, role: weight.role, in: model)
                added.append(AddedWeight(weight: weight, path: path, after: beside))
                previous = path
            }
        }
    }

    /// A weight that the file did not hold.
    private struct AddedWeight {
        var weight: Weight
        var path: String
        /// The weight before it in Keras's order.
        var after: String
    }

    /// `conv1/bias:0` beside `conv1/kernel:0`, `vars/1` beside `vars/0`.
    private static func sibling(of path: String, role: String, in model: KerasModel) -> String {
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let name = path[slash...]
        if model.source.kind == .keras || model.source.kind == .weightsH5 {
            return path[..<slash] + String((Int(name) ?? 0) + 1)
        }
        let suffix = name.lastIndex(of: ":").map { String(name[$0...]) } ?? ""
        return path[..<slash] + (role.split(separator: "/").last.map(String.init) ?? role) + suffix
    }

    // MARK: Copying

    /// Copies everything into a new file.
    ///
    /// - Parameter document: the topology, for a file that holds one.
    mutating func copy(to file: HDF5File, document: JSON) throws {
        try copy(model.source.hdf5.root, to: file.root, path: "")
        if model.kind == .wholeModelH5 {
            try file.root.attributes.set(KerasSource.modelConfig, to: document.text())
        }
        for weight in added {
            _ = try sink.add(weight.weight, at: weight.path, type: nil, in: file.root)
        }
    }

    private mutating func copy(_ from: HDF5Group, to: HDF5Group, path: String) throws {
        try copyAttributes(from, to: to, path: path)
        for link in try from.links() {
            let inner = path.isEmpty ? link.name : "\(path)/\(link.name)"
            if path.isEmpty, KerasSource.droppedGroups.contains(link.name) { continue }
            switch link.kind {
            case .hard(.group, _):
                try copy(
                    try from.group(link.name), to: try to.createGroup(link.name), path: inner)
            case .hard(.dataset, _):
                let source = try from.dataset(link.name)
                guard let weight = weights[inner] else {
                    try to.copy(link.name, from: link.name, in: from)
                    continue
                }
                let dataset = try sink.add(weight, at: link.name, type: types[inner], in: to)
                try dataset.attributes.copyAll(from: source.attributes)
            case .hard:
                try to.copy(link.name, from: link.name, in: from)
            case .soft, .external, .userDefined:
                // Reading refused them already.
                throw KerasError(
                    .refused, file: model.file, path: inner, "links are not followed")
            }
        }
    }

    private func copyAttributes(_ from: HDF5Group, to: HDF5Group, path: String) throws {
        let names = try from.attributes.names()
        let newNames = try weightNames(of: from, path: path)
        for name in names {
            if path.isEmpty, KerasSource.droppedAttributes.contains(name) { continue }
            if newNames != nil, Self.isPart(name, of: LegacyWeightsReader.weightNames) { continue }
            try to.attributes.copy(name, from: from.attributes)
        }
        if let newNames {
            let first = try names.first { Self.isPart($0, of: LegacyWeightsReader.weightNames) }
                .map { try from.attributes.info($0) }
            try NameList.write(
                newNames, as: LegacyWeightsReader.weightNames, to: to, fixed: first?.isFixedText)
        }
    }

    /// The `weight_names` of a group in which weights come in or go; nil where they stay.
    private func weightNames(of group: HDF5Group, path: String) throws -> [String]? {
        guard model.source.kind == .wholeModelH5 || model.source.kind == .legacyWeightsH5,
            let names = try LegacyWeightsReader.names(LegacyWeightsReader.weightNames, of: group)
        else { return nil }
        var updated = names
        for weight in added where weight.path.hasPrefix("\(path)/") {
            let name = String(weight.path.dropFirst(path.utf8.count + 1))
            let before = String(weight.after.dropFirst(path.utf8.count + 1))
            let index = updated.firstIndex(of: before).map { $0 + 1 } ?? updated.count
            updated.insert(name, at: index)
        }
        return updated == names ? nil : updated
    }

    /// Whether an attribute is the named list or one of the parts that it is split into.
    private static func isPart(_ attribute: String, of list: String) -> Bool {
        attribute.hasPrefix(list) && attribute.dropFirst(list.count).allSatisfy(\.isNumber)
    }
}

extension HDF5Attributes.Info {
    var isFixedText: Bool {
        if case .fixedString = elementType { true } else { false }
    }
}
