import ModelGraph
import OrderedCollections
import OrderedJSON

/// Makes the flat graph of a parsed topology: nested models are inlined at each of their calls.
struct TopologyAssembler {
    /// The file that errors name.
    let file: String
    /// Which Keras wrote the topology.
    let generation: KerasGeneration
    private var layers: [Layer] = []
    private var nodes: [Node] = []

    /// More calls than this are no model: a few models nested in each other and called twice each make
    /// any number.
    let largestNodeCount: Int

    init(file: String, generation: KerasGeneration, largestNodeCount: Int = 1 << 20) {
        self.largestNodeCount = largestNodeCount
        self.file = file
        self.generation = generation
    }

    /// The graph, and where its layers stand in the topology.
    mutating func assemble(
        _ model: ParsedModel
    ) throws(KerasError) -> (graph: ModelGraph, scope: ModelScope) {
        var scope = try makeScope(model, path: [])
        let result = try call(&scope, inputs: nil)
        let graph = ModelGraph(
            name: model.name, layers: layers, nodes: nodes, inputs: result.inputs,
            outputs: result.outputs)
        return (graph, scope)
    }

    private func failure(_ reason: String, at path: [String]) -> KerasError {
        TopologyParser(file: file).failure(reason, at: path)
    }

    // MARK: Layers

    private mutating func makeScope(
        _ model: ParsedModel, path: [String]
    ) throws(KerasError) -> ModelScope {
        let told = Self.toldShapes(in: model)
        var children: [ModelScope.Child] = []
        children.reserveCapacity(model.layers.count)
        for layer in model.layers {
            let content: ModelScope.Content
            if let nested = layer.nested {
                content = .model(try makeScope(nested, path: path + [layer.name]))
            } else if layer.isImplied && !path.isEmpty {
                // Within another model, the tensor that it is given stands for it.
                content = .layer(-1)
            } else {
                content = .layer(layers.count)
                layers.append(try makeLayer(layer, told: told[layer.name] ?? [], path: path))
            }
            children.append(
                ModelScope.Child(
                    name: layer.name, className: layer.className, isOperation: layer.isOperation,
                    isImplied: layer.isImplied, content: content, calls: []))
        }
        return ModelScope(path: path, model: model, children: children, inputs: [])
    }

    private func makeLayer(
        _ layer: ParsedLayer, told: [Shape?], path: [String]
    ) throws(KerasError) -> Layer {
        let path = path + [layer.name]
        do {
            var definition = try LayerRegistry.definition(
                className: layer.className, configuration: layer.configuration,
                generation: generation)
            if var opaque = definition as? OpaqueLayer {
                let known = told.compactMap { $0 }
                opaque.knownOutputs = known.isEmpty || known.count < told.count ? nil : known
                definition = opaque
            }
            return Layer(
                path: path, className: layer.className, configuration: layer.configuration,
                definition: definition, generation: generation)
        } catch { throw KerasError(error.at(path.joined(separator: "/")), file: file) }
    }

    /// The shapes of each layer's outputs, as those that read them tell; nil where they do not agree.
    private static func toldShapes(in model: ParsedModel) -> [String: [Shape?]] {
        var told: [String: [Shape?]] = [:]
        for reference in model.layers.lazy.flatMap(\.calls).flatMap(\.references) {
            guard reference.output < 64 else { continue }
            var shapes = told[reference.layer] ?? []
            if reference.output < shapes.count {
                if shapes[reference.output] != reference.shape { shapes[reference.output] = nil }
            } else {
                let gap = reference.output - shapes.count
                shapes += [Shape?](repeating: nil, count: gap) + [reference.shape]
            }
            told[reference.layer] = shapes
        }
        return told
    }

    // MARK: Calls

    /// Adds the nodes of one call of a model.
    ///
    /// - Parameter inputs: what it is called with; nil for the outermost model.
    private mutating func call(
        _ scope: inout ModelScope, inputs given: [TensorReference]?
    ) throws(KerasError) -> (inputs: [TensorReference], outputs: [TensorReference]) {
        let model = scope.model
        if let given, given.count != model.inputs.count {
            throw failure(
                "the model has \(model.inputs.count) inputs and is called with \(given.count)",
                at: scope.path)
        }
        var calls: [[[TensorReference]]] = model.layers.map {
            Array(repeating: [], count: max($0.calls.count, 1))
        }
        var inputs = given ?? []
        let isFirst = scope.inputs.isEmpty && scope.children.allSatisfy(\.calls.isEmpty)
        for entry in model.schedule {
            let layer = model.layers[entry.layer]
            let path = scope.path + [layer.name]
            guard layer.calls.indices.contains(entry.call) else {
                calls[entry.layer][0] = try source(entry.layer, in: scope, given: given)
                continue
            }
            let written = layer.calls[entry.call]
            var call = try resolve(written, in: model, calls: calls, at: path)
            switch scope.children[entry.layer].content {
            case .layer(let index):
                call.layer = index
                calls[entry.layer][entry.call] = [try append(call, at: path)]
            case .model(var nested):
                let tensors = call.arguments.flatMap(\.tensors)
                let outputs = try self.call(
                    &nested, inputs: tensors.isEmpty ? call.inputs : tensors
                ).outputs
                scope.children[entry.layer].content = .model(nested)
                calls[entry.layer][entry.call] = outputs
            }
        }
        var outputs: [TensorReference] = []
        for reference in model.outputs {
            outputs.append(try resolve(reference, base: 0, in: model, calls: calls, at: scope.path))
        }
        if given == nil {
            for reference in model.inputs {
                inputs.append(
                    try resolve(reference, base: 0, in: model, calls: calls, at: scope.path))
            }
        }
        if isFirst {
            scope.inputs = inputs
            for index in calls.indices { scope.children[index].calls = calls[index] }
        }
        return (inputs, outputs)
    }

    /// What an input layer gives; nothing for a layer that is never called.
    private mutating func source(
        _ index: Int, in scope: ModelScope, given: [TensorReference]?
    ) throws(KerasError) -> [TensorReference] {
        let layer = scope.model.layers[index]
        guard layer.isInput, case .layer(let graphLayer) = scope.children[index].content else {
            return []
        }
        let position = scope.model.inputs.firstIndex { $0.layer == layer.name }
        var node = Node(layer: graphLayer, arguments: [])
        if let given, let position {
            if graphLayer < 0 { return [given[position]] }
            node.arguments = [.tensor(given[position])]
        }
        return [try append(node, at: scope.path + [layer.name])]
    }

    private mutating func append(
        _ node: Node, at path: [String]
    ) throws(KerasError) -> TensorReference {
        guard nodes.count < largestNodeCount else {
            throw failure("the model has more than \(largestNodeCount) calls", at: path)
        }
        nodes.append(node)
        return TensorReference(node: nodes.count - 1)
    }

    private func resolve(
        _ call: ParsedCallArguments, in model: ParsedModel, calls: [[[TensorReference]]],
        at path: [String]
    ) throws(KerasError) -> Node {
        func convert(_ argument: ParsedArgument) throws(KerasError) -> Argument {
            switch argument {
            case .constant(let json): return .constant(json)
            case .tensor(let reference):
                let base = model.callBases[model.layerIndices[reference.layer] ?? 0]
                return .tensor(
                    try resolve(reference, base: base, in: model, calls: calls, at: path))
            case .list(let parts):
                var list: [Argument] = []
                for part in parts { list.append(try convert(part)) }
                return .list(list)
            }
        }
        var node = Node(layer: 0, arguments: [])
        for argument in call.arguments { node.arguments.append(try convert(argument)) }
        for (key, argument) in call.keywords { node.keywords[key] = try convert(argument) }
        return node
    }

    private func resolve(
        _ reference: ParsedReference, base: Int, in model: ParsedModel,
        calls: [[[TensorReference]]], at path: [String]
    ) throws(KerasError) -> TensorReference {
        guard let index = model.layerIndices[reference.layer],
            let tensor = ModelScope.tensor(
                call: reference.call - base, output: reference.output, calls: calls[index],
                isModel: model.layers[index].nested != nil)
        else {
            throw failure(
                "there is no output \(reference.output) of call \(reference.call) of layer "
                    + "'\(reference.layer)'", at: path)
        }
        return tensor
    }
}
