import HDF5
import ModelGraph
import OrderedJSON

/// Writes the older HDF5 layout for a model that came from a file of another.
struct LegacyWeightsWriter {
    let graph: ModelGraph
    let scope: ModelScope
    let generation: KerasGeneration
    let kerasVersion: String
    /// The file that the model came from, for errors.
    let file: String

    /// Writes a whole model.
    func write(document: JSON, to root: HDF5Group, sink: inout WeightSink) throws {
        try writeVersion(to: root)
        try root.attributes.set(KerasSource.modelConfig, to: document.text())
        let weights = try root.createGroup(KerasSource.modelWeights)
        try writeWeights(to: weights, sink: &sink)
    }

    /// Writes the weights alone.
    func writeWeights(to parent: HDF5Group, sink: inout WeightSink) throws {
        let children = scope.children.indices.filter { index in
            let child = scope.children[index]
            let isHidden = scope.model.isSequential && index == 0 && child.className == "InputLayer"
            return !child.isOperation && !child.isImplied && !isHidden
        }.map { scope.children[$0] }
        try NameList.write(
            children.map(\.name), as: LegacyWeightsReader.layerNames, to: parent,
            fixed: generation == .two)
        try writeVersion(to: parent)
        // In order of the names, as Keras does: a name may be the beginning of another's path.
        for child in children.sorted(by: { $0.name < $1.name }) {
            try write(child, to: try parent.createGroup(child.name), sink: &sink)
        }
        try parent.createGroup(LegacyWeightsReader.topLevel).attributes.setEmpty(
            LegacyWeightsReader.weightNames)
    }

    private func writeVersion(to group: HDF5Group) throws {
        try group.attributes.set("keras_version", to: kerasVersion)
        try group.attributes.set("backend", to: "tensorflow")
    }

    private func write(
        _ child: ModelScope.Child, to group: HDF5Group, sink: inout WeightSink
    ) throws {
        let layers: [Int] =
            switch child.content {
            case .layer(let index): [index]
            case .model(let scope): scope.graphLayers.filter { $0 >= 0 }
            }
        var trained: [(name: String, weight: Weight)] = []
        var others: [(name: String, weight: Weight)] = []
        for index in layers {
            let layer = graph.layers[index]
            let isFrozen = layer.configuration["trainable"]?.bool == false
            let prefix = layer.path.drop { $0 != child.name }.joined(separator: "/")
            for weight in layer.weights {
                let role = try role(of: weight, in: layer)
                let name = "\(prefix)/\(role)" + (generation == .two ? ":0" : "")
                if isFrozen || WeightBinder.untrainedRoles.contains(weight.role) {
                    others.append((name, weight))
                } else {
                    trained.append((name, weight))
                }
            }
        }
        let all = trained + others
        try NameList.write(
            all.map(\.name), as: LegacyWeightsReader.weightNames, to: group,
            fixed: generation == .two)
        for (name, weight) in all {
            _ = try sink.add(weight, at: name, type: nil, in: group)
        }
    }

    /// What the name of a weight ends with.
    private func role(of weight: Weight, in layer: Layer) throws(KerasError) -> String {
        guard layer.definition is OpaqueLayer else { return weight.role }
        // The order of a layer's own variables is the same in both layouts, that of others is not known.
        let parts = weight.role.split(separator: "/")
        if parts.count == 1 { return weight.role }
        guard parts.count == 2, parts[0] == WeightsLayout.variables else {
            throw KerasError(
                .cannotStore, file: file, path: "layer '\(layer.name)'",
                "it is of the unknown class '\(layer.className)' and holds other layers, so its weights "
                    + "can be stored only in a file of the kind it came from")
        }
        return "variable_\(parts[1])"
    }
}
