/// `DepthwiseConv1D` and `DepthwiseConv2D`, a window for each channel by itself.
///
/// Kernel: `window… × input channels × depth multiplier`; output channel `i * multiplier + j` comes from input channel `i`.
package struct DepthwiseConvolution: LayerDefinition {
    package static let classNames = ["DepthwiseConv1D", "DepthwiseConv2D"]

    package var multiplier: Int
    package var window: Window
    package var usesBias: Bool
    package var activation: ActivationFunction

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        window = try Window(
            configuration, rank: Window.rank(of: configuration.className), key: "kernel_size")
        multiplier = try configuration.integer("depth_multiplier", default: 1)
        usesBias = try configuration.bool("use_bias", default: true)
        activation = try configuration.activation().withoutHalving()
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let channels = try window.channels(of: try call.input())
        let kernel = WeightSpecification("depthwise_kernel", window.size + [channels, multiplier])
        return usesBias ? [kernel, WeightSpecification("bias", [channels * multiplier])] : [kernel]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.input()
        let channels = try window.channels(of: input)
        return [try window.output(of: input, channels: channels * multiplier)]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let input = call.inputs.first, let output = outputs.first,
            let channels = try? window.channels(of: input)
        else { return nil }
        return window.work(
            kind: .depthwiseConvolution, over: output, inputChannels: channels,
            outputChannels: channels * multiplier, groups: channels)
    }

    package func bind(_ channels: inout ChannelBinder) {
        let axis = window.channelAxis
        channels.protectOthers(than: [axis], .mixedChannels)
        let input = channels.labels(input: 0, axis: axis)
        let output = input.repeatingEach(multiplier)
        channels.attach("depthwise_kernel", axis: window.rank, .produces, input)
        if usesBias { channels.attach("bias", axis: 0, .follows, output) }
        if !activation.isElementWise { channels.protect(output, .mixedChannels) }
        channels.outputs[0].axes[axis] = output
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        let bias = call.floats("bias")
        return call.emitting(axis: window.channelAxis) { .constant(activation(bias?[$0] ?? 0)) }
    }
}

extension ChannelLabels {
    /// Each label `count` times, one behind the other.
    func repeatingEach(_ count: Int) -> ChannelLabels {
        count == 1 ? self : flatMap { repeatElement($0, count: count) }
    }
}

extension ActivationFunction {
    /// Itself, unless it changes the number of channels behind the back of the layer that has it.
    func withoutHalving() throws(GraphError) -> ActivationFunction {
        guard case .glu = self else { return self }
        throw GraphError(.unsupported, "'glu' is understood only as a layer of its own")
    }
}
