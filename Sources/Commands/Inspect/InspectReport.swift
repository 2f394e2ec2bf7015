import Contexts
import KerasFormat
import ModelGraph
import OrderedJSON
import Planning
import Pruning

/// What `prune inspect` tells.
struct InspectReport {
    let workshop: Workshop
    let prunable: PrunableModel

    private var model: KerasModel { workshop.base }
    private var groups: [ChannelGroup] { prunable.groups.groups }

    /// Multiply-adds of a node; nil where sizes are open.
    private func multiplyAdds(_ index: Int) -> Int? {
        let node = prunable.graph.nodes[index]
        let shapes = prunable.shapes.nodes[index]
        let work = prunable.graph.layers[node.layer].definition.work(
            of: prunable.shapes.call(of: node), outputs: shapes)
        return work?.multiplyAdds
    }

    /// Channels of a group, over all units.
    private func channels(_ group: ChannelGroup) -> Int { group.size * group.channelsPerUnit }

    /// The layers whose weights make the channels of a group.
    private func producers(_ group: ChannelGroup) -> [String] {
        var names: [String] = []
        for weight in group.weights where weight.use == .produces {
            let name = prunable.graph.layers[weight.axis.layer].name
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}

// MARK: - For people

extension InspectReport {
    func lines(layers: Bool, members: Bool) -> [String] {
        var lines = heading()
        if layers { lines += [""] + layerLines() }
        lines += [""] + groupLines(members: members)
        let alone = aloneLines()
        if !alone.isEmpty { lines += ["", "Cannot be pruned"] + alone }
        for note in model.notes { lines.append("note: \(note)") }
        return lines
    }

    private func heading() -> [String] {
        var table = TextTable([.left, .left])
        table.add("model", prunable.graph.name)
        table.add(
            "file",
            "\(model.file), \(Measure.bytes(workshop.fileBytes)), \(model.kind.title(model.generation))"
        )
        table.add("input", shapes(prunable.graph.inputs))
        table.add("output", shapes(prunable.graph.outputs))
        table.add("parameters", Measure.count(prunable.graph.parameterCount))
        if let open = workshop.analysis.unknownLayers.first {
            table.add(
                "multiply-adds", "not known: the size of '\(open)' is open; give --input-shape")
        } else {
            table.add("multiply-adds", Measure.count(workshop.analysis.base.multiplyAdds))
            table.add("peak activations", Measure.bytes(workshop.analysis.base.peakActivationBytes))
        }
        table.add(
            "layers", "\(prunable.graph.layers.count), called \(prunable.graph.nodes.count) times")
        return table.lines(indent: 0)
    }

    private func shapes(_ references: [TensorReference]) -> String {
        references.map { prunable.shapes[$0].description }.joined(separator: ", ")
    }

    private func layerLines() -> [String] {
        var table = TextTable([.left, .left, .left, .right, .right])
        table.add("layer", "class", "output", "parameters", "multiply-adds")
        for (index, node) in prunable.graph.nodes.enumerated() {
            let layer = prunable.graph.layers[node.layer]
            let parameters = layer.weights.reduce(0) { $0 + $1.elementCount }
            let output = prunable.shapes.nodes[index].map(\.description).joined(separator: ", ")
            let work = multiplyAdds(index).map { Measure.count($0) } ?? ""
            table.add(
                layer.name, layer.className, output,
                parameters == 0 ? "" : Measure.count(parameters),
                work == "0" ? "" : work)
        }
        return table.lines(indent: 0)
    }

    private func groupLines(members: Bool) -> [String] {
        let free = groups.filter { $0.removableCount > 0 }
        guard !free.isEmpty else { return ["No channel of this network can be removed."] }
        let channels = free.reduce(0) { $0 + self.channels($1) }
        var lines = ["\(free.count) channel groups, \(channels) channels that can be removed"]
        var table = TextTable([.left, .right, .left])
        for group in free {
            let units = group.channelsPerUnit == 1 ? "" : " units of \(group.channelsPerUnit)"
            let others = producers(group).dropFirst()
            let joined = others.isEmpty ? "" : "with " + Self.abridged(Array(others))
            table.add(group.name, "\(group.size)\(units)", joined)
            guard members else { continue }
            for weight in group.weights {
                let layer = prunable.graph.layers[weight.axis.layer].name
                table.add(
                    "  \(layer)/\(weight.axis.role)", "axis \(weight.axis.axis)",
                    "\(weight.use.rawValue) \(weight.indices.count)")
            }
        }
        lines += table.lines()
        return lines
    }

    private func aloneLines() -> [String] {
        var table = TextTable([.left, .right, .left])
        for group in groups where !group.protections.isEmpty {
            for reason in group.reasons {
                table.add(group.name, "\(reason.units) of \(group.size)", "\(reason.protection)")
            }
        }
        return table.lines()
    }

    static func abridged(_ names: [String], most: Int = 4) -> String {
        let shown = names.prefix(most).joined(separator: ", ")
        return names.count > most ? "\(shown) and \(names.count - most) more" : shown
    }
}

// MARK: - For programs

extension InspectReport {
    var json: JSON {
        let isKnown = workshop.analysis.unknownLayers.isEmpty
        return [
            "model": .string(prunable.graph.name),
            "file": .string(model.file),
            "file-bytes": .integer(workshop.fileBytes),
            "file-kind": .string(model.kind.rawValue),
            "parameters": .integer(prunable.graph.parameterCount),
            "multiply-adds": isKnown ? .integer(workshop.analysis.base.multiplyAdds) : .null,
            "peak-activation-bytes": isKnown
                ? .integer(workshop.analysis.base.peakActivationBytes) : .null,
            "layers": .array(layersJSON),
            "channel-groups": .array(groups.map(groupJSON)),
            "notes": .array(model.notes.map { .string("\($0)") }),
        ]
    }

    private var layersJSON: [JSON] {
        prunable.graph.nodes.enumerated().map { index, node in
            let layer = prunable.graph.layers[node.layer]
            return [
                "layer": .string(layer.name), "class": .string(layer.className),
                "output": .array(
                    prunable.shapes.nodes[index].map { shape in
                        .array(
                            shape.dimensions.dropFirst().map { $0.map { .integer($0) } ?? .null })
                    }),
                "parameters": .integer(layer.weights.reduce(0) { $0 + $1.elementCount }),
                "multiply-adds": multiplyAdds(index).map { .integer($0) } ?? .null,
            ]
        }
    }

    private func groupJSON(_ group: ChannelGroup) -> JSON {
        [
            "name": .string(group.name),
            "units": .integer(group.size),
            "channels-per-unit": .integer(group.channelsPerUnit),
            "removable-units": .integer(group.removableCount),
            "weights": .array(
                group.weights.map { weight in
                    [
                        "layer": .string(prunable.graph.layers[weight.axis.layer].name),
                        "weight": .string(weight.axis.role), "axis": .integer(weight.axis.axis),
                        "use": .string(weight.use.rawValue),
                        "channels": .integer(weight.indices.count),
                    ]
                }),
            "protected": .array(
                group.reasons.map { reason in
                    [
                        "units": .integer(reason.units),
                        "reason": .string(reason.protection.reason.rawValue),
                        "layer": .string(reason.protection.layer),
                    ]
                }),
        ]
    }
}
