import HDF5
import ModelGraph

/// Reads the newer HDF5 layout, that of `.weights.h5` and `.keras` files.
struct WeightsReader {
    let source: KerasSource

    /// The groups of a model's layers.
    struct Container {
        var group: HDF5Group
        var path: String
        /// The names of the groups in it, and the layers' names that stand in them.
        var names: [String: String?]
    }

    func failure(_ reason: String, path: String) -> KerasError {
        KerasError(.weights, file: source.file, path: path, reason)
    }

    /// The groups of the layers of the model that stands in a group; nil if it has none.
    func container(in model: HDF5Group, path: String) throws -> Container? {
        for name in [WeightsLayout.layers, WeightsLayout.oldLayers] where try model.exists(name) {
            let group = try model.group(name)
            var names: [String: String?] = [:]
            for link in try group.links() {
                let variables = "\(link.name)/\(WeightsLayout.variables)"
                var layer: String?
                if case .hard(.group, _) = link.kind, try group.exists(variables) {
                    let attributes = try group.group(variables).attributes
                    if try attributes.contains("name") { layer = try attributes.string("name") }
                }
                names[link.name] = .some(layer)
            }
            return Container(
                group: group, path: path.isEmpty ? name : "\(path)/\(name)", names: names)
        }
        return nil
    }

    /// A layer's weights in its own order: its variables, then those of the layers that it holds.
    func weights(in group: HDF5Group, path: String, depth: Int = 0) throws -> [StoredWeight] {
        guard depth < 32 else {
            throw KerasError(.refused, file: source.file, path: path, "groups are nested too deep")
        }
        var weights: [StoredWeight] = []
        let links = try group.links().sorted { WeightsLayout.precedes($0.name, $1.name) }
        for link in links {
            let inner = "\(path)/\(link.name)"
            guard case .hard(let kind, _) = link.kind else { continue }
            // What a dropout draws its numbers from is carried, and is no weight.
            if kind != .group || link.name == "seed_generator" { continue }
            let child = try group.group(link.name)
            guard link.name == WeightsLayout.variables else {
                weights += try self.weights(in: child, path: inner, depth: depth + 1)
                continue
            }
            for variable in try child.links().sorted(by: Self.isNumberedBefore) {
                guard case .hard(.dataset, _) = variable.kind else { continue }
                let name = "\(inner)/\(variable.name)"
                weights.append(
                    StoredWeight(
                        name: name, path: name, dataset: try child.dataset(variable.name)))
            }
        }
        return weights
    }

    private static func isNumberedBefore(_ a: HDF5Link, _ b: HDF5Link) -> Bool {
        if let x = Int(a.name), let y = Int(b.name) { return x < y }
        return a.name < b.name
    }
}

extension WeightBinder {
    /// Gives the layers of a model their weights from the newer HDF5 layout.
    mutating func bind(
        _ reader: WeightsReader, scope: ModelScope, group: HDF5Group, path: String
    ) throws {
        let indices = WeightsLayout.children(of: scope)
        guard let container = try reader.container(in: group, path: path) else {
            guard !indices.contains(where: { expectsWeights(scope.children[$0]) }) else {
                throw reader.failure(
                    "there is no group '\(WeightsLayout.layers)'", path: path.isEmpty ? "/" : path)
            }
            return
        }
        let names = try groupNames(of: indices.map { scope.children[$0] }, in: container, reader)
        for (index, name) in zip(indices, names) {
            guard let name else { continue }
            let child = scope.children[index]
            let inner = try container.group.group(name)
            let path = "\(container.path)/\(name)"
            switch child.content {
            case .model(let nested):
                try bind(reader, scope: nested, group: inner, path: path)
            case .layer(let layer):
                let stored = try reader.weights(in: inner, path: path)
                if expected[layer]?.isEmpty ?? stored.isEmpty, stored.isEmpty { continue }
                if expected[layer] == nil {
                    try bind(
                        stored.map {
                            Match(
                                layer: layer, role: String($0.path.dropFirst(path.count + 1)),
                                stored: $0)
                        })
                } else {
                    try bind(try matches(layer: layer, stored: stored, group: path))
                }
            }
        }
    }

    /// The group of each layer: the one that holds its name, else the one that Keras would give it.
    private func groupNames(
        of children: [ModelScope.Child], in container: WeightsReader.Container,
        _ reader: WeightsReader
    ) throws(KerasError) -> [String?] {
        var byLayer: [String: String] = [:]
        for (group, layer) in container.names { if let layer { byLayer[layer] = group } }
        let named = children.map { byLayer[$0.name] }
        if zip(children, named).allSatisfy({ $1 != nil || !expectsWeights($0) }) { return named }
        // Another instance's names, or a file from before names were stored.
        let derived = WeightsLayout.groupNames(of: children)
        return try zip(children, derived).map { child, name throws(KerasError) in
            if container.names.keys.contains(name) { return name }
            guard expectsWeights(child) else { return nil }
            throw reader.failure(
                "there is no group '\(name)' for layer '\(child.name)'", path: container.path)
        }
    }
}
