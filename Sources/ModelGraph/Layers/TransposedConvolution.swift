package import OrderedJSON

/// `Conv1DTranspose`, `Conv2DTranspose`, `Conv3DTranspose`, the gradient of a convolution as a layer.
///
/// Kernel: `window… × filters × input channels`, the other way round than a convolution's.
package struct TransposedConvolution: LayerDefinition {
    package static let classNames = [
        "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Convolution1DTranspose",
        "Convolution2DTranspose", "Convolution3DTranspose", "Deconvolution2D", "Deconvolution3D",
    ]

    package var filters: Int
    package var window: Window
    /// Added to each spatial size of the output; nil lets Keras choose.
    package var outputPadding: [Int]?
    package var usesBias: Bool
    package var activation: ActivationFunction

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        let rank = Window.rank(of: configuration.className)
        filters = try configuration.integer("filters")
        window = try Window(configuration, rank: rank, key: "kernel_size")
        guard window.padding != .causal else {
            throw configuration.failure("padding", "one of 'valid', 'same'")
        }
        if configuration.json["output_padding"] ?? .null != .null {
            outputPadding = try configuration.integers("output_padding", count: rank, atLeast: 0)
        }
        usesBias = try configuration.bool("use_bias", default: true)
        activation = try configuration.activation().withoutHalving()
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let channels = try window.channels(of: try call.input())
        let kernel = WeightSpecification("kernel", window.size + [filters, channels])
        return usesBias ? [kernel, WeightSpecification("bias", [filters])] : [kernel]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        var output = try call.input()
        try window.checkRank(of: output)
        output[window.channelAxis] = filters
        for (index, axis) in window.spatialAxes.enumerated() {
            guard let length = output[axis] else { continue }
            guard length > 0 else { throw GraphError(.shape, "its input is empty") }
            output[axis] = size(of: length, index)
            guard output.isWithinRange else {
                throw GraphError(.shape, "its output is empty or too large")
            }
        }
        return [output]
    }

    private func size(of length: Int, _ index: Int) -> Int {
        let (stride, reach) = (window.strides[index], window.reach(index))
        let spread = (length - 1).saturatingTimes(stride)
        switch (window.padding, outputPadding?[index]) {
        case (.same, nil): return spread.saturatingPlus(stride)
        case (.same, let extra?): return spread.saturatingPlus(reach % 2 + extra)
        case (_, let extra?): return spread.saturatingPlus(reach).saturatingPlus(extra)
        case (_, nil): return spread.saturatingPlus(max(reach, stride))
        }
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        // Every input position is multiplied with the whole kernel.
        guard let input = call.inputs.first, let channels = try? window.channels(of: input) else {
            return nil
        }
        return window.work(
            kind: .convolution, over: input, inputChannels: channels, outputChannels: filters)
    }

    package func bind(_ channels: inout ChannelBinder) {
        let axis = window.channelAxis
        channels.protectOthers(than: [axis], .mixedChannels)
        let input = channels.labels(input: 0, axis: axis)
        channels.attach("kernel", axis: window.rank + 1, .consumes, input)
        let output = channels.produce("kernel", axis: window.rank, count: filters)
        if usesBias { channels.attach("bias", axis: 0, .follows, output) }
        if !activation.isElementWise { channels.protect(output, .mixedChannels) }
        channels.outputs[0].axes[axis] = output
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        let bias = call.floats("bias")
        return call.emitting(axis: window.channelAxis) { .constant(activation(bias?[$0] ?? 0)) }
    }

    /// A constant comes out once per tap, and which taps meet depends on the place: with strides, the
    /// bias gets the mean over the places, and `edge` says how far they are from it.
    package func fold(_ call: EmissionCall) -> [Folding] {
        guard let kernel = call.floats("kernel"), let emission = call.inputs.first,
            emission.axis == window.channelAxis
        else { return [] }
        let channels = emission.channels.count
        let phases = phasesOfTaps()
        var sums: [Int: [Double]] = [:]
        var edge = [Float](repeating: 0, count: filters)
        let hasBorder = window.size.indices.contains { window.reach($0) > window.strides[$0] }
        for (tap, phase) in phases.enumerated() {
            var sum = sums[phase] ?? Array(repeating: 0, count: filters)
            for filter in 0..<filters {
                let row = (tap * filters + filter) * channels
                for (channel, emission) in emission.channels.enumerated() {
                    guard case .constant(let value, let border) = emission else { continue }
                    let weight = kernel[row + channel]
                    sum[filter] += Double(value) * Double(weight)
                    edge[filter] += abs(weight) * (hasBorder ? max(border, abs(value)) : border)
                }
            }
            sums[phase] = sum
        }
        let phaseCount = window.strides.saturatingProduct
        let isEverywhere = sums.count == phaseCount
        var shift = [Float](repeating: 0, count: filters)
        for filter in 0..<filters {
            let values = sums.values.map { $0[filter] } + (isEverywhere ? [] : [0])
            let mean = sums.values.reduce(0) { $0 + $1[filter] } / Double(phaseCount)
            shift[filter] = Float(mean)
            edge[filter] += Float(values.reduce(0) { max($0, abs($1 - mean)) })
        }
        return [Folding(shift: shift, edge: edge)]
    }

    /// For each tap, a number that is the same for taps that meet at the same output places.
    private func phasesOfTaps() -> [Int] {
        var phases = [0]
        for (index, size) in window.size.enumerated() {
            let stride = window.strides[index]
            phases = phases.flatMap { phase in
                (0..<size).map { tap in
                    phase &* stride &+ (tap.saturatingTimes(window.dilation[index]) % stride)
                }
            }
        }
        return phases
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
        guard let kernel = resized.shape("kernel"), kernel.count == window.rank + 2 else {
            return configuration
        }
        var configuration = configuration
        configuration["filters"] = .integer(kernel[window.rank])
        return configuration
    }
}
