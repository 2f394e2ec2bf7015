package import OrderedJSON

/// A reshape as an operation in a graph; its target counts the batch.
package struct ReshapeOperation: LayerDefinition {
    package static let classNames = ["operation:Reshape"]

    package var settings: OperationSettings

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        settings = OperationSettings(configuration: configuration.json)
    }

    /// The same as a layer, which leaves the batch alone.
    package func layer(_ call: LayerCall) throws(GraphError) -> Reshape {
        let stored = settings.value(["newshape", "shape"], position: 1, in: call)
        let target = (stored?.array ?? []).compactMap(\.integer)
        let range = -1...LayerConfiguration.largest
        guard let first = target.first, target.count == stored?.array?.count,
            target.allSatisfy(range.contains), target.count(where: { $0 == -1 }) <= 1
        else { throw GraphError(.configuration, "its target must be a list of sizes") }
        let batch = try call.firstInput().dimensions.first.flatMap { $0 }
        guard first == -1 || first == batch || (first == 1 && batch == nil) else {
            throw GraphError(.unsupported, "reshapes the batch into \(target)")
        }
        return Reshape(target: Array(target.dropFirst()))
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        try layer(call).outputs(of: call)
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? { LayerWork.none }

    package var memory: LayerMemory { .view }

    package func bind(_ channels: inout ChannelBinder) {
        let (call, shapes) = (channels.call, channels.outputShapes)
        channels.rearrange { $0.reshaped(from: call.inputs[0], to: shapes[0]) }
        // Only a target in the settings can be rewritten.
        if settings.configuration["newshape"]?.array == nil {
            channels.protect(input: 0, .reshaped)
        }
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.emitting(rearranged: {
            $0.reshaped(from: call.call.inputs[0], to: call.outputShapes[0])
        })
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let old = configuration["newshape"]?.array, let output = resized.outputs.first,
            old.count == output.rank, let first = old.first
        else { return configuration }
        var configuration = configuration
        configuration["newshape"] = .array(
            [first]
                + zip(old, output.dimensions).dropFirst().map { old, new in
                    old.integer == -1 ? old : new.map { .integer($0) } ?? old
                })
        return configuration
    }
}
