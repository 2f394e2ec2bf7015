import ModelGraph
import OrderedCollections
import OrderedJSON

extension TopologyParser {
    /// Reads a functional model.
    func functional(
        name: String, className: String, layers list: [JSON], config: JSON, path: [String]
    ) throws(KerasError) -> ParsedModel {
        guard list.count <= Self.largestLayerCount else {
            throw failure("the model has \(list.count) layers", at: path)
        }
        let isKeras3 = list.contains {
            $0["inbound_nodes"]?[0]?["args"] != nil
        }
        var layers: [ParsedLayer] = []
        for (index, json) in list.enumerated() {
            layers.append(try layer(json, index: index, path: path, isKeras3: isKeras3))
        }
        let indices = try indices(of: layers, path: path)
        for (index, json) in list.enumerated() {
            layers[index].calls = try calls(
                json["inbound_nodes"], names: indices, at: path + [layers[index].name])
        }
        let inputs = try references(
            config["input_layers"], what: "input_layers", names: indices, path: path)
        let outputs = try references(
            config["output_layers"], what: "output_layers", names: indices, path: path)
        for input in inputs where !layers[indices[input.layer] ?? 0].isInput {
            throw failure(
                "the model takes an input at a layer that is no InputLayer",
                at: path + [input.layer])
        }
        let bases = callBases(layers: layers, indices: indices, isKeras3: isKeras3)
        let schedule = try schedule(layers: layers, indices: indices, bases: bases, path: path)
        return ParsedModel(
            name: name, className: className, isSequential: false, layers: layers,
            layerIndices: indices, inputs: inputs,
            outputs: outputs.map {
                Self.normalised(
                    $0, layers: layers, indices: indices, bases: bases,
                    countsFromOne: isKeras3)
            }, schedule: schedule, callBases: bases)
    }

    /// The tensors of `input_layers` or `output_layers`: one, a list, or named ones, nested at will.
    private func references(
        _ json: JSON?, what: String, names: [String: Int], path: [String]
    ) throws(KerasError) -> [ParsedReference] {
        var found: [ParsedReference] = []
        func collect(_ json: JSON) -> Bool {
            if let reference = reference(json, names: names) {
                found.append(reference)
                return true
            }
            switch json {
            case .array(let elements): return elements.allSatisfy(collect)
            case .object(let members):
                // Keras flattens a dictionary in the order of its sorted keys.
                if members["class_name"]?.string == "__tuple__", let items = members["items"] {
                    return collect(items)
                }
                return members.keys.sorted().allSatisfy { members[$0].map(collect) ?? true }
            default: return false
            }
        }
        guard let json, collect(json) else {
            throw failure("'\(what)' does not name tensors of the model", at: path)
        }
        return found
    }

    /// `["conv1", 0, 0]`, if there is such a layer.
    private func reference(_ json: JSON, names: [String: Int]) -> ParsedReference? {
        guard let elements = json.array, elements.count == 3, let name = elements[0].string,
            names[name] != nil, let call = elements[1].integer, let output = elements[2].integer,
            call >= 0, output >= 0
        else { return nil }
        return ParsedReference(layer: name, call: call, output: output)
    }

    // MARK: Calls

    private func calls(
        _ json: JSON?, names: [String: Int], at layer: [String]
    ) throws(KerasError) -> [ParsedCallArguments] {
        guard let json, json != .null else { return [] }
        guard let nodes = json.array else {
            throw failure("'inbound_nodes' is not a list", at: layer)
        }
        var calls: [ParsedCallArguments] = []
        for node in nodes {
            if node["args"] != nil || node["kwargs"] != nil {
                calls.append(try keras3Call(node, names: names, at: layer))
            } else if let call = try keras2Call(node, names: names, at: layer) {
                calls.append(call)
            }
        }
        return calls
    }

    private func keras3Call(
        _ node: JSON, names: [String: Int], at layer: [String]
    ) throws(KerasError) -> ParsedCallArguments {
        var call = ParsedCallArguments(arguments: [], keywords: [:])
        for json in Self.items(of: node["args"] ?? []) ?? [] {
            call.arguments.append(try keras3Argument(json, names: names, at: layer))
        }
        for (key, json) in node["kwargs"]?.object ?? [:] {
            call.keywords[key] = try keras3Argument(json, names: names, at: layer)
        }
        return call
    }

    private func keras3Argument(
        _ json: JSON, names: [String: Int], at layer: [String]
    ) throws(KerasError) -> ParsedArgument {
        if json["class_name"]?.string == "__keras_tensor__" {
            guard let history = json["config"]?["keras_history"]?.array, history.count == 3,
                let name = history[0].string, let call = history[1].integer,
                let output = history[2].integer, call >= 0, output >= 0
            else { throw failure("a tensor in 'inbound_nodes' does not say its origin", at: layer) }
            guard names[name] != nil else {
                throw failure("reads from layer '\(name)', which is missing", at: layer)
            }
            let shape = json["config"]?["shape"].flatMap(Self.shape)
            return .tensor(ParsedReference(layer: name, call: call, output: output, shape: shape))
        }
        var parts: [ParsedArgument] = []
        if let items = Self.items(of: json) {
            for item in items { parts.append(try keras3Argument(item, names: names, at: layer)) }
        } else if let members = json.object {
            for key in members.keys.sorted() {
                guard let member = members[key] else { continue }
                parts.append(try keras3Argument(member, names: names, at: layer))
            }
        }
        return parts.contains { !$0.references.isEmpty } ? .list(parts) : .constant(json)
    }

    /// The elements of a list or of a tuple as Keras 3 spells it.
    private static func items(of json: JSON) -> [JSON]? {
        if let elements = json.array { return elements }
        guard json["class_name"]?.string == "__tuple__" else { return nil }
        return (json["config"] ?? json)["items"]?.array ?? json["config"]?.array
    }

    /// A shape, if every dimension is a number or null.
    static func shape(_ json: JSON) -> Shape? {
        guard let dimensions = json.array else { return nil }
        var shape = Shape([])
        for dimension in dimensions {
            if dimension == .null {
                shape.dimensions.append(nil)
            } else if let length = dimension.integer,
                (0...LayerConfiguration.largest).contains(length)
            {
                shape.dimensions.append(length)
            } else {
                return nil
            }
        }
        return shape
    }

    /// Keras 2: `[["conv1", 0, 0, {keywords}], …]`, nested like the first argument; nil for an empty list.
    private func keras2Call(
        _ node: JSON, names: [String: Int], at layer: [String]
    ) throws(KerasError) -> ParsedCallArguments? {
        var keywords: OrderedDictionary<String, JSON> = [:]
        func argument(_ json: JSON) throws(KerasError) -> ParsedArgument {
            if let elements = json.array, let name = elements.first?.string {
                guard (3...4).contains(elements.count), let call = elements[1].integer else {
                    throw failure("a tensor in 'inbound_nodes' does not say its origin", at: layer)
                }
                if keywords.isEmpty, elements.count == 4, let given = elements[3].object {
                    keywords = given
                }
                if name == "_CONSTANT_VALUE" { return .constant(elements[2]) }
                guard names[name] != nil else {
                    throw failure("reads from layer '\(name)', which is missing", at: layer)
                }
                guard let output = elements[2].integer, call >= 0, output >= 0 else {
                    throw failure("a tensor in 'inbound_nodes' does not say its origin", at: layer)
                }
                return .tensor(ParsedReference(layer: name, call: call, output: output))
            }
            var parts: [ParsedArgument] = []
            switch json {
            case .array(let elements):
                for element in elements { parts.append(try argument(element)) }
            case .object(let members):
                for key in members.keys.sorted() {
                    if let member = members[key] { parts.append(try argument(member)) }
                }
            default: return .constant(json)
            }
            return .list(parts)
        }
        var first = try argument(node)
        if case .list(let parts) = first {
            if parts.isEmpty { return nil }
            if parts.count == 1 { first = parts[0] }
        }
        var call = ParsedCallArguments(arguments: [first], keywords: [:])
        for (key, value) in keywords {
            call.keywords[key] = keras2Keyword(value, names: names)
        }
        return call
    }

    private func keras2Keyword(_ json: JSON, names: [String: Int]) -> ParsedArgument {
        if let reference = reference(json, names: names) { return .tensor(reference) }
        guard let elements = json.array else { return .constant(json) }
        let parts = elements.map { keras2Keyword($0, names: names) }
        return parts.contains { !$0.references.isEmpty } ? .list(parts) : .constant(json)
    }
}
