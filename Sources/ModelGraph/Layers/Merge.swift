/// `Add`, `Subtract`, `Multiply`, `Average`, `Maximum`, `Minimum`, tensors combined element by element.
///
/// Sizes of 1 are spread over the other operand's, so that a gate of one value a channel
/// (squeeze-and-excitation) meets the channels that it opens, and a map of one channel meets none.
package struct Merge: LayerDefinition {
    package static let classNames = [
        "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum",
    ]

    package var operation: Arithmetic

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        guard let operation = Arithmetic(rawValue: configuration.className.lowercased()) else {
            throw GraphError(.unsupported, "'\(configuration.className)' is no merge layer")
        }
        self.operation = operation
    }

    private func broadcasting(_ call: LayerCall) -> Broadcasting {
        Broadcasting(.batchFirst, call.inputs)
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        guard operation != .subtract || call.inputs.count == 2 else {
            throw GraphError(.connection, "takes two inputs, has \(call.inputs.count)")
        }
        return [try broadcasting(call).output()]
    }

    package var memory: LayerMemory { .inPlace }

    package func bind(_ channels: inout ChannelBinder) {
        channels.broadcast(broadcasting(channels.call), inputs: Array(channels.inputs.indices))
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.combining(
            broadcasting(call.call), inputs: Array(call.inputs.indices), operation.combine)
    }
}
