package import OrderedJSON

/// `Conv1D`, `Conv2D`, `Conv3D`, a convolution, also strided, dilated and grouped.
///
/// Kernel: `window… × (input channels / groups) × filters`.
/// Source: Keras's documentation of the convolution layers.
package struct Convolution: LayerDefinition {
    package static let classNames = [
        "Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D",
    ]

    package var filters: Int
    package var window: Window
    package var groups: Int
    package var usesBias: Bool
    package var activation: ActivationFunction

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        filters = try configuration.integer("filters")
        window = try Window(
            configuration, rank: Window.rank(of: configuration.className), key: "kernel_size")
        groups = try configuration.integer("groups", default: 1)
        usesBias = try configuration.bool("use_bias", default: true)
        activation = try configuration.activation().withoutHalving()
        guard filters % groups == 0 else {
            throw GraphError(
                .configuration, "\(filters) filters do not divide into \(groups) groups")
        }
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let channels = try window.channels(of: try call.input())
        guard channels % groups == 0 else {
            throw GraphError(
                .shape, "\(channels) input channels do not divide into \(groups) groups")
        }
        let kernel = WeightSpecification("kernel", window.size + [channels / groups, filters])
        return usesBias ? [kernel, WeightSpecification("bias", [filters])] : [kernel]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try window.output(of: try call.input(), channels: filters)]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let input = call.inputs.first, let output = outputs.first,
            let channels = try? window.channels(of: input)
        else { return nil }
        return window.work(
            kind: .convolution, over: output, inputChannels: channels, outputChannels: filters,
            groups: groups)
    }

    package func bind(_ channels: inout ChannelBinder) {
        let axis = window.channelAxis
        channels.protectOthers(than: [axis], .mixedChannels)
        let input = channels.labels(input: 0, axis: axis)
        let output = channels.produce("kernel", axis: window.rank + 1, count: filters)
        if usesBias { channels.attach("bias", axis: 0, .follows, output) }
        if groups == 1 {
            channels.attach("kernel", axis: window.rank, .consumes, input)
        } else {
            // A group goes as a whole: its inputs and its outputs together.
            let (width, outputWidth) = (input.count / groups, filters / groups)
            for group in 0..<groups {
                channels.joinAll(
                    output[group * outputWidth..<(group + 1) * outputWidth]
                        + input[group * width..<(group + 1) * width])
            }
        }
        if !activation.isElementWise { channels.protect(output, .mixedChannels) }
        channels.outputs[0].axes[axis] = output
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        let bias = call.floats("bias")
        return call.emitting(axis: window.channelAxis) { .constant(activation(bias?[$0] ?? 0)) }
    }

    package func fold(_ call: EmissionCall) -> [Folding] {
        guard groups == 1, let kernel = call.floats("kernel"), let emission = call.inputs.first,
            emission.axis == window.channelAxis
        else { return [] }
        return [
            Folding.summing(
                emission, kernel: kernel, taps: window.tapCount, outputs: filters,
                padded: window.pads(call.call.inputs[0]))
        ]
    }

    package func addingBias(_ configuration: JSON) -> (
        configuration: JSON, bias: WeightSpecification
    )? {
        guard !usesBias else { return nil }
        var configuration = configuration
        configuration["use_bias"] = true
        return (configuration, WeightSpecification("bias", [filters]))
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let kernel = resized.shape("kernel"), let width = kernel.last else {
            return configuration
        }
        var configuration = configuration
        configuration["filters"] = .integer(width)
        if groups > 1 { configuration["groups"] = .integer(width / (filters / groups)) }
        return configuration
    }
}
