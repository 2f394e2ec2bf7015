package import ModelGraph

/// The channel groups of a model, in the order of the layers that make them.
package struct ChannelGroups: Sendable {
    package let groups: [ChannelGroup]
    /// For every label of the channel map, the group and the unit it belongs to; -1 for none.
    let places: [(group: Int32, unit: Int32)]
    private let byName: [String: Int]

    /// The group of that name.
    package subscript(name: String) -> ChannelGroup? { byName[name].map { groups[$0] } }

    /// Sorts the channels of a model into groups.
    ///
    /// - Parameters:
    ///   - map: which channels belong together, from ``ModelGraph/ModelGraph/channelMap(shapes:)``.
    ///   - patterns: layers whose own channels stay, as profiles name them. What they read may go.
    ///   - minimum: units that stay in each group at least.
    /// - Complexity: linear in the number of labels along all axes, but for sorting the axes.
    package init(
        of graph: ModelGraph, map: ChannelMap, protecting patterns: [LayerPattern] = [],
        minimum: Int = 1
    ) {
        var sorter = ChannelSorter(graph: graph, map: map)
        sorter.sortIntoGroups()
        sorter.collectMembers()
        sorter.protect(patterns)
        groups = sorter.finished(minimum: minimum)
        places = sorter.places
        byName = Dictionary(
            groups.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// The steps from labels to groups.
private struct ChannelSorter {
    let graph: ModelGraph
    let map: ChannelMap
    let axes: [WeightAxis]
    /// By label; see ``ChannelGroups/places``.
    var places: [(group: Int32, unit: Int32)]
    /// By group: a label of each unit.
    var units: [[Int32]] = []
    var weights: [[GroupWeight]] = []
    var tensors: [[GroupTensor]] = []
    var protections: [[Int: Protection]] = []

    init(graph: ModelGraph, map: ChannelMap) {
        self.graph = graph
        self.map = map
        axes = map.weights.keys.map { axis in
            (axis, graph.layers[axis.layer].weights.firstIndex { $0.role == axis.role } ?? 0)
        }
        .sorted { ($0.0.layer, $0.1, $0.0.axis) < ($1.0.layer, $1.1, $1.0.axis) }
        .map(\.0)
        places = Array(repeating: (-1, -1), count: map.labelCount)
    }

    /// Classes of labels that the same weight axes make form a group, in the order in which they are met.
    mutating func sortIntoGroups() {
        let classes = (0..<Int32(map.labelCount)).map { map.representative(of: $0) }
        var producers = [[Int32]](repeating: [], count: map.labelCount)
        let producing = axes.indices.filter { map.weights[axes[$0]]?.use == .produces }
        for axis in producing {
            for label in labels(axis) where label != ChannelLabels.fixed {
                let root = Int(classes[Int(label)])
                if producers[root].last != Int32(axis) { producers[root].append(Int32(axis)) }
            }
        }
        var byProducers: [[Int32]: Int32] = [:]
        for axis in producing {
            for label in labels(axis) where label != ChannelLabels.fixed {
                let root = Int(classes[Int(label)])
                guard places[root].group < 0 else { continue }
                let group = byProducers[producers[root], default: Int32(units.count)]
                if group == units.count {
                    byProducers[producers[root]] = group
                    units.append([])
                }
                places[root] = (group, Int32(units[Int(group)].count))
                units[Int(group)].append(Int32(root))
            }
        }
        for label in places.indices { places[label] = places[Int(classes[label])] }
    }

    private func labels(_ axis: Int) -> ChannelLabels { map.weights[axes[axis]]?.labels ?? [] }

    mutating func collectMembers() {
        weights = Array(repeating: [], count: units.count)
        tensors = Array(repeating: [], count: units.count)
        for axis in axes {
            guard let channels = map.weights[axis] else { continue }
            for (group, indices) in split(channels.labels) {
                weights[group].append(GroupWeight(axis: axis, use: channels.use, indices: indices))
            }
        }
        let references = map.tensors.keys.sorted { ($0.node, $0.output) < ($1.node, $1.output) }
        for reference in references {
            for (axis, labels) in (map.tensors[reference]?.axes ?? [:]).sorted(by: {
                $0.key < $1.key
            }) {
                for (group, indices) in split(labels) {
                    tensors[group].append(
                        GroupTensor(tensor: reference, axis: axis, indices: indices))
                }
            }
        }
    }

    /// The groups along an axis, each with where its units stand.
    private func split(_ labels: ChannelLabels) -> [(group: Int, indices: UnitIndices)] {
        var entries: [Int32: [(unit: Int32, index: Int32)]] = [:]
        for (index, label) in labels.enumerated() where label != ChannelLabels.fixed {
            let place = places[Int(label)]
            guard place.group >= 0 else { continue }
            entries[place.group, default: []].append((place.unit, Int32(index)))
        }
        return entries.sorted { $0.key < $1.key }.map { group, entries in
            (Int(group), UnitIndices(units: units[Int(group)].count, entries: entries))
        }
    }

    mutating func protect(_ patterns: [LayerPattern]) {
        protections = units.map { labels in
            var protections: [Int: Protection] = [:]
            for (unit, label) in labels.enumerated() {
                protections[unit] = map.protection(of: label)
            }
            return protections
        }
        guard !patterns.isEmpty else { return }
        let matches = graph.layers.map { layer in
            patterns.contains { $0.matches(path: layer.path) }
        }
        for group in units.indices {
            for weight in weights[group] where weight.use != .consumes && matches[weight.axis.layer]
            {
                let protection = Protection(
                    .requested, layer: graph.layers[weight.axis.layer].name)
                for unit in units[group].indices where !weight.indices[unit].isEmpty {
                    if protections[group][unit] == nil { protections[group][unit] = protection }
                }
            }
        }
    }

    func finished(minimum: Int) -> [ChannelGroup] {
        var taken: [String: Int] = [:]
        return units.indices.map { group in
            let first = weights[group].first { $0.use == .produces }
            let base = first.map { name($0.axis, leaves: !tensors[group].isEmpty) } ?? ""
            taken[base, default: 0] += 1
            let number = taken[base, default: 1]
            return ChannelGroup(
                name: number == 1 ? base : "\(base)#\(number)",
                size: units[group].count,
                channelsPerUnit: (first?.indices.count ?? 0) / max(units[group].count, 1),
                weights: weights[group],
                tensors: tensors[group],
                protections: protections[group],
                minimum: max(minimum, 1))
        }
    }

    /// The name of a group by the first weight axis that makes it.
    private func name(_ axis: WeightAxis, leaves: Bool) -> String {
        let layer = graph.layers[axis.layer]
        if leaves { return layer.name }
        // Attention: kernels are `channels × heads × width`.
        if layer.className.hasSuffix("Attention"), axis.axis == 1 { return layer.name + ".heads" }
        let stem = axis.role.split(separator: "/").first.map(String.init) ?? axis.role
        return "\(layer.name).\(stem)"
    }
}
