import ModelGraph
import OrderedCollections
import OrderedJSON

/// Brings a topology document up to date with a graph: settings of layers, and the shapes that stand beside them.
///
/// Nothing else changes: what is not understood stays as it was read.
struct TopologyWriter {
    let graph: ModelGraph
    let shapes: KnownShapes

    init(graph: ModelGraph) throws(GraphError) {
        self.graph = graph
        shapes = try KnownShapes(of: graph)
    }

    /// The whole document.
    func document(_ document: JSON, scope: ModelScope) -> JSON {
        updated(document, content: .model(scope), calls: [], in: nil)
    }

    // MARK: Layers

    private func updated(
        _ json: JSON, content: ModelScope.Content, calls: [[TensorReference]], in scope: ModelScope?
    ) -> JSON {
        var json = json
        let inputs: [Shape?]
        var node: Node?
        switch content {
        case .layer(let index):
            guard index >= 0 else { return json }
            json["config"] = graph.layers[index].configuration
            node = calls.first?.first.map { graph.nodes[$0.node] }
            inputs = node.map { $0.inputs.map { shapes[$0] } } ?? []
        case .model(let nested):
            json["config"] = json["config"].map { self.config($0, scope: nested) }
            inputs = nested.inputs.map { shapes[$0] }
        }
        if let build = json["build_config"] {
            json["build_config"] = buildConfig(build, inputs: inputs, node: node)
        }
        if let scope, let inbound = json["inbound_nodes"] {
            json["inbound_nodes"] = tensors(in: inbound, scope: scope)
        }
        return json
    }

    /// The `config` of a model.
    private func config(_ config: JSON, scope: ModelScope) -> JSON {
        let children = scope.children.filter { !$0.isImplied }
        func updated(_ list: [JSON]) -> JSON {
            .array(
                zip(list, children).enumerated().map { index, pair in
                    var json = self.updated(
                        pair.0, content: pair.1.content, calls: pair.1.calls, in: scope)
                    if index == 0, children.count < scope.children.count,
                        var settings = json["config"],
                        let shape = settings["batch_input_shape"], let input = scope.inputs.first
                    {
                        settings["batch_input_shape"] = self.shape(shape, shapes[input])
                        json["config"] = settings
                    }
                    return json
                })
        }
        if let list = config.array { return updated(list) }
        var config = config
        if let list = config["layers"]?.array { config["layers"] = updated(list) }
        if let shape = config["build_input_shape"], let input = scope.inputs.first {
            config["build_input_shape"] = self.shape(shape, shapes[input])
        }
        return config
    }

    // MARK: Shapes

    /// A stored shape brought up to date; dimensions that it leaves open stay open.
    private func shape(_ stored: JSON, _ shape: Shape?) -> JSON {
        guard let shape, let dimensions = stored.array, dimensions.count == shape.rank,
            dimensions.allSatisfy({ $0.isNull || $0.integer != nil })
        else { return stored }
        return .array(
            zip(dimensions, shape.dimensions).map { old, new in
                guard let new, old.integer != nil, old.integer != new else { return old }
                return .integer(new)
            })
    }

    /// One shape or a list of them.
    private func shapes(_ stored: JSON, _ shapes: [Shape?]) -> JSON {
        if let list = stored.array, list.contains(where: { $0.array != nil }) {
            guard list.count == shapes.count else { return stored }
            return .array(zip(list, shapes).map { self.shape($0, $1) })
        }
        guard let first = shapes.first else { return stored }
        return shape(stored, first)
    }

    private func buildConfig(_ build: JSON, inputs: [Shape?], node: Node?) -> JSON {
        var build = build
        if let stored = build["input_shape"] { build["input_shape"] = shapes(stored, inputs) }
        guard let node, let members = build["shapes_dict"]?.object else { return build }
        var updated = members
        var positional = node.arguments.map { $0.tensors.map { shapes[$0] } }[...]
        for (key, stored) in members {
            let name = key.hasSuffix("_shape") ? String(key.dropLast(6)) : key
            if let argument = node.keywords[name] {
                let tensors = argument.tensors.map { shapes[$0] }
                if !tensors.isEmpty { updated[key] = shapes(stored, tensors) }
            } else if let next = positional.popFirst() {
                updated[key] = shapes(stored, next)
            }
        }
        build["shapes_dict"] = .object(updated)
        return build
    }

    /// `inbound_nodes` with the shapes of the tensors in them.
    private func tensors(in json: JSON, scope: ModelScope) -> JSON {
        switch json {
        case .array(let elements):
            return .array(elements.map { tensors(in: $0, scope: scope) })
        case .object(let members):
            guard members["class_name"]?.string == "__keras_tensor__" else {
                return .object(members.mapValues { tensors(in: $0, scope: scope) })
            }
            var json = json
            guard var config = json["config"], let stored = config["shape"],
                let history = config["keras_history"]?.array, history.count == 3,
                let name = history[0].string, let call = history[1].integer,
                let output = history[2].integer
            else { return json }
            let reference = ParsedReference(layer: name, call: call, output: output)
            guard let tensor = scope.tensor(reference) else { return json }
            config["shape"] = shape(stored, shapes[tensor])
            json["config"] = config
            return json
        default: return json
        }
    }
}
