import OrderedJSON

/// `Activation`, `ReLU`, `LeakyReLU`, `ThresholdedReLU`, `ELU` and `Softmax`, which are nothing but a function.
package struct ActivationLayer: LayerDefinition {
    package static let classNames = [
        "Activation", "ReLU", "LeakyReLU", "ThresholdedReLU", "ELU", "Softmax",
    ]

    package var activation: ActivationFunction
    /// The axes over which a softmax computes.
    package var axes: [Int]

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        activation = try ActivationFunction.layer(configuration) ?? .linear
        axes = activation.axis.map { [$0] } ?? []
        if let list = configuration.json["axis"]?.array?.compactMap(\.integer), !list.isEmpty {
            axes = list
        }
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        guard var output = call.inputs.first else {
            throw GraphError(.connection, "takes one input, has none")
        }
        for axis in axes where output.axis(axis) == nil {
            throw GraphError(
                .configuration, "'axis' \(axis) is not one of \(output.dimensionsText)")
        }
        if case .glu(let number) = activation, let axis = output.axis(number),
            let size = output[axis]
        {
            output[axis] = size / 2
        }
        return [output]
    }

    package var memory: LayerMemory { activation == .linear ? .view : .inPlace }

    package func bind(_ channels: inout ChannelBinder) {
        guard let shape = channels.call.inputs.first else { return }
        for axis in axes.compactMap({ shape.axis($0) }) {
            channels.protect(channels.inputs[0].axes[axis, default: []], .mixedChannels)
        }
        channels.passThrough()
        if case .glu(let axis) = activation, let axis = shape.axis(axis) {
            channels.outputs[0].axes[axis] = nil
        }
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.emitting(through: activation)
    }
}
