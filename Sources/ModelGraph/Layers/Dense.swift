package import OrderedJSON

/// `Dense`, a matrix product over the last axis.
///
/// Kernel: `input channels × units`.
package struct Dense: LayerDefinition {
    package static let classNames = ["Dense"]

    package var units: Int
    package var usesBias: Bool
    package var activation: ActivationFunction

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        units = try configuration.integer("units")
        usesBias = try configuration.bool("use_bias", default: true)
        activation = try configuration.activation().withoutHalving()
    }

    private func channels(of input: Shape) throws(GraphError) -> Int {
        guard input.rank >= 2, let channels = input[input.rank - 1] else {
            throw GraphError(.shape, "the last dimension of the input \(input) is not known")
        }
        return channels
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let kernel = WeightSpecification("kernel", [try channels(of: try call.input()), units])
        return usesBias ? [kernel, WeightSpecification("bias", [units])] : [kernel]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        var output = try call.input()
        _ = try channels(of: output)
        output[output.rank - 1] = units
        return [output]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let input = call.inputs.first, let channels = try? channels(of: input),
            let elements = outputs.first?.sampleElementCount
        else { return nil }
        return LayerWork(
            kind: .dense, positions: elements / units, inputChannels: channels,
            outputChannels: units, multiplyAdds: elements.saturatingTimes(channels))
    }

    package func bind(_ channels: inout ChannelBinder) {
        let axis = channels.call.inputs[0].rank - 1
        channels.attach(
            "kernel", axis: 0, .consumes, channels.labels(input: 0, axis: axis))
        let output = channels.produce("kernel", axis: 1, count: units)
        if usesBias { channels.attach("bias", axis: 0, .follows, output) }
        if !activation.isElementWise { channels.protect(output, .mixedChannels) }
        channels.outputs[0] = channels.inputs[0]
        channels.outputs[0].axes[axis] = output
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        let bias = call.floats("bias")
        let axis = call.call.inputs[0].rank - 1
        return call.emitting(axis: axis) { .constant(activation(bias?[$0] ?? 0)) }
    }

    package func fold(_ call: EmissionCall) -> [Folding] {
        guard let kernel = call.floats("kernel"), let emission = call.inputs.first,
            emission.axis == call.call.inputs[0].rank - 1
        else { return [] }
        return [Folding.summing(emission, kernel: kernel, taps: 1, outputs: units, padded: false)]
    }

    package func addingBias(_ configuration: JSON) -> (
        configuration: JSON, bias: WeightSpecification
    )? {
        guard !usesBias else { return nil }
        var configuration = configuration
        configuration["use_bias"] = true
        return (configuration, WeightSpecification("bias", [units]))
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let width = resized.shape("kernel")?.last else { return configuration }
        var configuration = configuration
        configuration["units"] = .integer(width)
        return configuration
    }
}
