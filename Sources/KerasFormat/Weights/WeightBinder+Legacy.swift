import HDF5
import ModelGraph
import OrderedJSON

extension WeightBinder {
    /// Gives the layers of a model their weights from the groups of the older HDF5 layout.
    mutating func bind(_ groups: [LegacyWeightsReader.Group], scope: ModelScope) throws {
        var groups = groups
        if let index = groups.firstIndex(where: { $0.name == LegacyWeightsReader.topLevel }) {
            let group = groups.remove(at: index)
            guard group.weights.isEmpty else {
                throw KerasError(
                    .unsupported, file: source.file, path: group.weights[0].path,
                    "weights that belong to the model itself are not supported")
            }
        }
        let children = scope.children.filter { !$0.isOperation && !$0.isImplied }
        for (child, group) in try pairs(children: children, groups: groups) {
            let layers: [Int] =
                switch child.content {
                case .layer(let index): [index]
                case .model(let scope): scope.graphLayers.filter { $0 >= 0 }
                }
            try bind(try matches(layers: layers, stored: group.weights, group: group.name))
        }
    }

    /// Pairs layers with groups: by name, or in order where the names are another instance's.
    private func pairs(
        children: [ModelScope.Child], groups: [LegacyWeightsReader.Group]
    ) throws(KerasError) -> [(ModelScope.Child, LegacyWeightsReader.Group)] {
        let filled = groups.filter { !$0.weights.isEmpty }
        let byName = Dictionary(
            children.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let names = Set(filled.map(\.name))
        guard names.count == filled.count else {
            throw failure("two layers have the same name", path: LegacyWeightsReader.layerNames)
        }
        let weighted = children.filter(expectsWeights)
        if let missing = weighted.first(where: { !names.contains($0.name) }) {
            // Keras itself goes by order alone.
            guard names.isDisjoint(with: byName.keys) || weighted.count == filled.count else {
                throw failure(
                    "the file has no weights for layer '\(missing.name)'", path: source.weightsPath)
            }
            guard weighted.count == filled.count else {
                throw failure(
                    "the topology has \(weighted.count) layers with weights, the file has "
                        + "\(filled.count)", path: source.weightsPath)
            }
            return Array(zip(weighted, filled))
        }
        var pairs: [(ModelScope.Child, LegacyWeightsReader.Group)] = []
        for group in filled {
            guard let child = byName[group.name] else {
                throw failure(
                    "the topology has no layer '\(group.name)', for which the file has weights",
                    path: group.weights[0].path)
            }
            pairs.append((child, group))
        }
        return pairs
    }

    /// Whether a layer or model has weights, as far as its class tells.
    func expectsWeights(_ child: ModelScope.Child) -> Bool {
        let layers: [Int] =
            switch child.content {
            case .layer(let index): [index]
            case .model(let scope): scope.graphLayers
            }
        return layers.contains { $0 >= 0 && !(expected[$0]?.isEmpty ?? true) }
    }

    // MARK: Within a group

    /// Finds out which of a group's weights is which.
    func matches(
        layers: [Int], stored: [StoredWeight], group: String
    ) throws(KerasError) -> [Match] {
        if layers.count == 1 { return try matches(layer: layers[0], stored: stored, group: group) }
        if let byName = try matchesByName(layers: layers, stored: stored, group: group) {
            return byName
        }
        return try matchesByOrder(layers: layers, stored: stored, group: group)
    }

    /// One layer's weights.
    func matches(
        layer: Int, stored: [StoredWeight], group: String
    ) throws(KerasError) -> [Match] {
        guard let expected = expected[layer] else {
            let roles = Self.uniqueRoles(stored)
            return zip(roles, stored).map { Match(layer: layer, role: $0, stored: $1) }
        }
        guard expected.count == stored.count else {
            throw failure(
                "layer '\(graph.layers[layer].name)' expects \(expected.count) weights "
                    + "(\(expected.map(\.role).joined(separator: ", "))), the file has "
                    + "\(stored.count)", path: path(of: group))
        }
        let order = Self.order(expected, stored: stored)
        var matches: [Match] = []
        for (specification, index) in zip(expected, order) {
            let match = Match(layer: layer, role: specification.role, stored: stored[index])
            try check(match, specification)
            matches.append(match)
        }
        return matches
    }

    /// For each expected weight the index of the stored one: by name where the names tell all, else
    /// in order.
    private static func order(
        _ expected: [WeightSpecification], stored: [StoredWeight]
    ) -> [Int] {
        let components = stored.map { $0.components.map(String.init) }
        var order: [Int] = []
        for specification in expected {
            let role = specification.role.split(separator: "/").map(String.init)
            let found = components.indices.filter { components[$0].suffix(role.count) == role[...] }
            guard found.count == 1, !order.contains(found[0]) else { return Array(stored.indices) }
            order.append(found[0])
        }
        return order
    }

    /// Names for the weights of a layer that does not tell its own: the last part of each, more of it
    /// where two are alike.
    static func uniqueRoles(_ stored: [StoredWeight]) -> [String] {
        let components = stored.map(\.components)
        var length = 1
        while true {
            let roles = components.map { $0.suffix(length).joined(separator: "/") }
            if Set(roles).count == roles.count { return roles }
            length += 1
            if length > (components.map(\.count).max() ?? 0) {
                return stored.indices.map { "weight_\($0)" }
            }
        }
    }

    // MARK: Nested models

    /// The layers' weights if each stored name holds the name of exactly one layer, and all fit.
    private func matchesByName(
        layers: [Int], stored: [StoredWeight], group: String
    ) throws(KerasError) -> [Match]? {
        var byName: [String: [Int]] = [:]
        for layer in layers {
            byName[graph.layers[layer].path.last ?? "", default: []].append(layer)
        }
        var perLayer: [Int: [StoredWeight]] = [:]
        for weight in stored {
            let components = weight.components.dropLast().map(String.init)
            var candidates = Set(components.flatMap { byName[$0] ?? [] })
            if candidates.count > 1 {
                // The longest path that the name holds wins.
                let lengths = candidates.map { Self.overlap(graph.layers[$0].path, components) }
                let longest = lengths.max()
                candidates = candidates.filter {
                    Self.overlap(graph.layers[$0].path, components) == longest
                }
            }
            guard let layer = candidates.first, candidates.count == 1 else { return nil }
            perLayer[layer, default: []].append(weight)
        }
        var matches: [Match] = []
        for layer in layers {
            let found = perLayer[layer] ?? []
            if let expected = expected[layer], expected.count != found.count { return nil }
            do {
                matches += try self.matches(layer: layer, stored: found, group: group)
            } catch {
                // Names of another instance may hold this one's by accident; the order decides.
                return nil
            }
        }
        return matches
    }

    /// How many of a path's names, from its end on, stand in this order in a weight's name.
    private static func overlap(_ path: [String], _ components: [String]) -> Int {
        var count = 0
        var rest = components[...]
        for name in path.reversed() {
            guard let index = rest.lastIndex(of: name) else { break }
            rest = rest[..<index]
            count += 1
        }
        return count
    }

    /// The layers' weights in Keras's order: all that are trained, then all others.
    private func matchesByOrder(
        layers: [Int], stored: [StoredWeight], group: String
    ) throws(KerasError) -> [Match] {
        var trained: [(layer: Int, specification: WeightSpecification)] = []
        var others: [(layer: Int, specification: WeightSpecification)] = []
        for layer in layers {
            guard let expected = expected[layer] else {
                if graph.layers[layer].definition is OpaqueLayer { continue }
                throw failure(
                    "the weights of layer '\(graph.layers[layer].name)' cannot be told from the others",
                    path: path(of: group))
            }
            let isFrozen = graph.layers[layer].configuration["trainable"]?.bool == false
            for specification in expected {
                if isFrozen || Self.untrainedRoles.contains(specification.role) {
                    others.append((layer, specification))
                } else {
                    trained.append((layer, specification))
                }
            }
        }
        let all = trained + others
        guard all.count == stored.count else {
            throw failure(
                "the model '\(group)' expects \(all.count) weights, the file has \(stored.count)",
                path: path(of: group))
        }
        var perLayer: [Int: [String: Match]] = [:]
        for (entry, weight) in zip(all, stored) {
            let match = Match(
                layer: entry.layer, role: entry.specification.role, stored: weight)
            try check(match, entry.specification)
            perLayer[entry.layer, default: [:]][match.role] = match
        }
        return layers.flatMap { layer in
            (expected[layer] ?? []).compactMap { perLayer[layer]?[$0.role] }
        }
    }

    /// Weights that no training changes by gradients.
    static let untrainedRoles: Set<String> = [
        "moving_mean", "moving_variance", "mean", "variance", "count",
    ]

    private func path(of group: String) -> String {
        source.weightsPath.isEmpty ? group : "\(source.weightsPath)/\(group)"
    }
}
