package import OrderedJSON

/// `SeparableConv1D` and `SeparableConv2D`, a depthwise convolution and a pointwise one behind it.
///
/// Depthwise kernel: `window… × input channels × depth multiplier`; pointwise kernel:
/// `1… × (input channels · multiplier) × filters`.
package struct SeparableConvolution: LayerDefinition {
    package static let classNames = [
        "SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D",
    ]

    package var filters: Int
    package var multiplier: Int
    package var window: Window
    package var usesBias: Bool
    package var activation: ActivationFunction

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        filters = try configuration.integer("filters")
        window = try Window(
            configuration, rank: Window.rank(of: configuration.className), key: "kernel_size")
        multiplier = try configuration.integer("depth_multiplier", default: 1)
        usesBias = try configuration.bool("use_bias", default: true)
        activation = try configuration.activation().withoutHalving()
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let channels = try window.channels(of: try call.input())
        let ones = Array(repeating: 1, count: window.rank)
        let kernels = [
            WeightSpecification("depthwise_kernel", window.size + [channels, multiplier]),
            WeightSpecification("pointwise_kernel", ones + [channels * multiplier, filters]),
        ]
        return usesBias ? kernels + [WeightSpecification("bias", [filters])] : kernels
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try window.output(of: try call.input(), channels: filters)]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let input = call.inputs.first, let output = outputs.first,
            let channels = try? window.channels(of: input)
        else { return nil }
        let inner = channels * multiplier
        return window.work(
            kind: .convolution, over: output, inputChannels: channels, outputChannels: filters,
            multiplyAdds: inner.saturatingTimes(window.tapCount.saturatingPlus(filters)))
    }

    package func bind(_ channels: inout ChannelBinder) {
        let axis = window.channelAxis
        channels.protectOthers(than: [axis], .mixedChannels)
        let input = channels.labels(input: 0, axis: axis)
        channels.attach("depthwise_kernel", axis: window.rank, .consumes, input)
        channels.attach(
            "pointwise_kernel", axis: window.rank, .consumes, input.repeatingEach(multiplier))
        let output = channels.produce("pointwise_kernel", axis: window.rank + 1, count: filters)
        if usesBias { channels.attach("bias", axis: 0, .follows, output) }
        if !activation.isElementWise { channels.protect(output, .mixedChannels) }
        channels.outputs[0].axes[axis] = output
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        let bias = call.floats("bias")
        return call.emitting(axis: window.channelAxis) { .constant(activation(bias?[$0] ?? 0)) }
    }

    /// A constant runs through the window's sum and then through the pointwise kernel.
    package func fold(_ call: EmissionCall) -> [Folding] {
        guard let emission = call.inputs.first, emission.axis == window.channelAxis,
            let depthwise = call.floats("depthwise_kernel"),
            let pointwise = call.floats("pointwise_kernel")
        else { return [] }
        let channels = emission.channels.count
        let row = channels * multiplier
        var inner = Array(repeating: Emission.live, count: row)
        for index in inner.indices {
            guard case .constant(let value, let border) = emission.channels[index / multiplier]
            else { continue }
            let taps = stride(from: index, to: depthwise.count, by: row).map { depthwise[$0] }
            let reach = taps.reduce(0) { $0 + abs($1) }
            let isPadded = window.pads(call.call.inputs[0])
            inner[index] = .constant(
                value * taps.reduce(0, +),
                edge: reach * (isPadded ? max(border, abs(value)) : border))
        }
        return [
            Folding.summing(
                TensorEmission(axis: emission.axis, channels: inner), kernel: pointwise, taps: 1,
                outputs: filters, padded: false)
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
        guard let width = resized.shape("pointwise_kernel")?.last else { return configuration }
        var configuration = configuration
        configuration["filters"] = .integer(width)
        return configuration
    }
}
