import ModelGraph
import OrderedCollections
import OrderedJSON

/// Reads a topology document, in all spellings that Keras 1 to 3 used.
struct TopologyParser {
    /// The file that errors name.
    let file: String

    /// More layers than this, over all nested models, are no model.
    static let largestLayerCount = 200_000

    func failure(_ reason: String, at layer: [String] = []) -> KerasError {
        let path = layer.isEmpty ? "" : "layer '\(layer.joined(separator: "/"))'"
        return KerasError(.topology, file: file, path: path, reason)
    }

    /// Reads a whole document.
    func model(_ document: JSON) throws(KerasError) -> ParsedModel {
        guard let className = document["class_name"]?.string, let config = document["config"] else {
            throw failure("this is not a model: it has no 'class_name' and 'config'")
        }
        return try model(className: className, config: config, path: [], fallbackName: nil)
    }

    /// Whether a layer of such a `config` is a model.
    static func isModel(_ config: JSON) -> Bool {
        if config.array != nil { return true }
        return config["layers"]?.array != nil
    }

    private func model(
        className: String, config: JSON, path: [String], fallbackName: String?
    ) throws(KerasError) -> ParsedModel {
        // Keras 1 and early 2 store a Sequential as the bare list of its layers.
        if let layers = config.array {
            return try sequential(
                name: fallbackName ?? "sequential", className: className, layers: layers,
                config: nil, path: path)
        }
        guard let layers = config["layers"]?.array else {
            throw failure(
                "the class '\(className)' is no Sequential or functional model; subclassed models "
                    + "hold no topology", at: path)
        }
        let name = config["name"]?.string ?? fallbackName ?? className.lowercased()
        guard config["input_layers"] != nil || config["output_layers"] != nil else {
            return try sequential(
                name: name, className: className, layers: layers, config: config, path: path)
        }
        return try functional(
            name: name, className: className, layers: layers, config: config, path: path)
    }

    // MARK: Layers

    /// Reads one layer, without its calls.
    func layer(_ json: JSON, index: Int, path: [String], isKeras3: Bool) throws(KerasError)
        -> ParsedLayer
    {
        guard let className = json["class_name"]?.string, let config = json["config"] else {
            throw failure("the \(index + 1). layer has no 'class_name' and 'config'", at: path)
        }
        guard let name = json["name"]?.string ?? config["name"]?.string else {
            throw failure("the \(index + 1). layer, a \(className), has no name", at: path)
        }
        guard !name.isEmpty, name.utf8.count <= 4096, !name.utf8.contains(0) else {
            throw failure("the \(index + 1). layer has an impossible name", at: path)
        }
        let isOperation = Self.isOperation(json, config: config, isKeras3: isKeras3)
        var layer = ParsedLayer(
            name: name,
            className: isOperation ? ParsedLayer.operationPrefix + className : className,
            configuration: config, calls: [])
        if !isOperation, Self.isModel(config) {
            layer.nested = try model(
                className: className, config: config, path: path + [name], fallbackName: name)
        }
        return layer
    }

    /// Operations stand in graphs like layers, and are none: `x * 0.5`.
    ///
    /// The older file kind leaves out their module; their settings tell them from layers.
    private static func isOperation(_ json: JSON, config: JSON, isKeras3: Bool) -> Bool {
        if let module = json["module"]?.string {
            return module.hasPrefix("keras.src.ops") || module.hasPrefix("keras.ops")
        }
        return isKeras3 && TopologyStyle.isOperation(config: config)
    }

    func indices(of layers: [ParsedLayer], path: [String]) throws(KerasError) -> [String: Int] {
        var indices: [String: Int] = [:]
        for (index, layer) in layers.enumerated() {
            guard indices.updateValue(index, forKey: layer.name) == nil else {
                throw failure("two layers have this name", at: path + [layer.name])
            }
        }
        return indices
    }
}
