import ModelGraph
import OrderedCollections
import OrderedJSON

extension TopologyParser {
    /// Reads a Sequential model: each layer is called once, on the output of the one before it.
    func sequential(
        name: String, className: String, layers list: [JSON], config: JSON?, path: [String]
    ) throws(KerasError) -> ParsedModel {
        var layers: [ParsedLayer] = []
        for (index, json) in list.enumerated() {
            let isKeras3 = json["module"] != nil
            layers.append(try layer(json, index: index, path: path, isKeras3: isKeras3))
        }
        guard let first = layers.first, let firstJSON = list.first else {
            throw failure("the Sequential model has no layers", at: path)
        }
        if !first.isInput {
            let shape = Self.impliedShape(of: first, json: firstJSON, config: config)
            var settings: JSON = ["name": .string("\(first.name)_input")]
            if let shape { settings["batch_shape"] = shape }
            layers.insert(
                ParsedLayer(
                    name: "\(first.name)_input", className: "InputLayer", configuration: settings,
                    calls: [], isImplied: true), at: 0)
        }
        var previous = ParsedReference(layer: layers[0].name, call: 0, output: 0)
        let input = previous
        for index in layers.indices.dropFirst() {
            layers[index].calls = [
                ParsedCallArguments(arguments: [.tensor(previous)], keywords: [:])
            ]
            previous = ParsedReference(layer: layers[index].name, call: 0, output: 0)
        }
        return ParsedModel(
            name: name, className: className, isSequential: true, layers: layers,
            layerIndices: try indices(of: layers, path: path), inputs: [input],
            outputs: [previous],
            schedule: layers.indices.map { ParsedCall(layer: $0, call: 0) },
            callBases: layers.map { _ in 0 })
    }

    /// The input shape of a Sequential model that starts without an input layer.
    private static func impliedShape(
        of first: ParsedLayer, json: JSON, config: JSON?
    ) -> JSON? {
        if let nested = first.nested, let input = nested.inputs.first,
            let index = nested.layerIndices[input.layer]
        {
            let settings = nested.layers[index].configuration
            return settings["batch_shape"] ?? settings["batch_input_shape"]
        }
        let settings = first.configuration
        if let shape = settings["batch_input_shape"] ?? settings["batch_shape"], !shape.isNull {
            return shape
        }
        for shape in [config?["build_input_shape"], json["build_config"]?["input_shape"]] {
            if let shape, shape.array != nil { return shape }
        }
        // Keras 1: a dense layer's width, or a sequence's.
        if let width = settings["input_dim"]?.integer {
            if let length = settings["input_length"] {
                return [.null, length, .integer(width)]
            }
            return [.null, .integer(width)]
        }
        return nil
    }
}
