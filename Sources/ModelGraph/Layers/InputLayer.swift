package import OrderedJSON

/// `InputLayer`, where a tensor enters a model.
///
/// That of a nested model passes on what it is given.
package struct InputLayer: LayerDefinition {
    package static let classNames = ["InputLayer"]

    /// The shape that the model takes, batch first.
    package var shape: Shape

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        let stored = configuration.json["batch_shape"] ?? configuration.json["batch_input_shape"]
        guard let dimensions = stored?.array else {
            throw GraphError(.configuration, "'batch_shape' must be a list of dimensions")
        }
        var shape = Shape([])
        for dimension in dimensions {
            if dimension == .null {
                shape.dimensions.append(nil)
            } else if let number = dimension.integer,
                (0...LayerConfiguration.largest).contains(number)
            {
                shape.dimensions.append(number)
            } else {
                throw GraphError(.configuration, "'batch_shape' must be a list of dimensions")
            }
        }
        self.shape = shape
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        guard let input = call.inputs.first else { return [shape] }
        guard input.isCompatible(with: shape) else {
            throw GraphError(.shape, "takes \(shape), is given \(input)")
        }
        return [input]
    }

    package func bind(_ channels: inout ChannelBinder) { channels.passThrough() }

    package func emit(_ call: EmissionCall) -> [TensorEmission] { call.unchanged }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let shape = resized.outputs.first else { return configuration }
        let key = configuration["batch_shape"] == nil ? "batch_input_shape" : "batch_shape"
        guard let stored = configuration[key]?.array, stored.count == shape.rank else {
            return configuration
        }
        var configuration = configuration
        configuration[key] = .array(
            zip(stored, shape.dimensions).map { old, new in
                old == .null ? .null : new.map { .integer($0) } ?? .null
            })
        return configuration
    }
}
