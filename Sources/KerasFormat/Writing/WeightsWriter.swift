import HDF5
import ModelGraph
import OrderedJSON

/// Writes the newer HDF5 layout for a model that came from a file of another.
struct WeightsWriter {
    let graph: ModelGraph
    let generation: KerasGeneration
    /// The file that the model came from, for errors.
    let file: String

    /// Writes a model's weights below a group.
    func write(
        _ scope: ModelScope, name: String, to group: HDF5Group, sink: inout WeightSink
    ) throws {
        let variables = try group.createGroup(WeightsLayout.variables)
        try variables.attributes.set("name", to: name)
        let layers = try group.createGroup(WeightsLayout.layers)
        let indices = WeightsLayout.children(of: scope)
        let names = WeightsLayout.groupNames(of: indices.map { scope.children[$0] })
        for (index, groupName) in zip(indices, names) {
            let child = scope.children[index]
            let inner = try layers.createGroup(groupName)
            switch child.content {
            case .model(let nested):
                try write(nested, name: child.name, to: inner, sink: &sink)
            case .layer(let layer):
                try write(graph.layers[layer], name: child.name, to: inner, sink: &sink)
            }
        }
    }

    private func write(
        _ layer: Layer, name: String, to group: HDF5Group, sink: inout WeightSink
    ) throws {
        let variables = try group.createGroup(WeightsLayout.variables)
        try variables.attributes.set("name", to: name)
        guard !layer.weights.isEmpty else { return }
        guard
            let paths = WeightsLayout.paths(
                className: layer.className, configuration: layer.configuration,
                roles: layer.weights.map(\.role), generation: generation)
        else {
            throw KerasError(
                .cannotStore, file: file, path: "layer '\(layer.name)'",
                "where Keras keeps the weights of the class '\(layer.className)' is not known, so they can "
                    + "be stored only in a file of the kind they came from")
        }
        for (weight, path) in zip(layer.weights, paths) {
            let dataset = try sink.add(weight, at: path, type: nil, in: group)
            if weight.elementType == .bfloat16 {
                try dataset.attributes.set("dtype", to: "bfloat16")
            }
        }
    }
}
