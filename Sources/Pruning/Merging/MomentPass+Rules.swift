import ModelGraph

extension MomentPass {
    /// What a layer without a kernel over channels gives; nil if that is not known.
    func passed(_ index: Int, inputs: [ChannelMoments?]) -> ChannelMoments? {
        let node = model.graph.nodes[index]
        let layer = model.graph.layers[node.layer]
        let shape = model.shapes.nodes[index].first ?? []
        if layer.definition is InputLayer {
            guard shape.rank >= 2, let count = shape[shape.rank - 1] else { return nil }
            return .assumed(count: count, axis: shape.rank - 1)
        }
        if let normalization = layer.definition as? BatchNormalization {
            return normalized(normalization, layer, shape: shape, input: inputs.first ?? nil)
        }
        let known = inputs.compactMap(\.self)
        guard let first = known.first, known.count == inputs.count else { return nil }
        switch layer.definition {
        case let merge as Merge where merge.operation == .add:
            guard node.inputs.allSatisfy({ model.shapes[$0] == shape }) else { return nil }
            return known.dropFirst().reduce(first) { $0?.adding($1) }
        case let concatenation as Concatenate:
            guard shape.axis(concatenation.axis) == first.axis else { return nil }
            return known.dropFirst().reduce(first) { $0?.followed(by: $1) }
        default:
            guard known.count == 1 else { return nil }
            return passed(layer, first, inputShape: model.shapes[node.inputs[0]], shape: shape)
        }
    }

    /// Behind a layer with one input that treats each channel by itself.
    private func passed(
        _ layer: Layer, _ input: ChannelMoments, inputShape: Shape, shape: Shape
    ) -> ChannelMoments? {
        switch layer.definition {
        case let activation as ActivationLayer: return input.through(activation.activation)
        case is Identity, is ZeroPadding: return input
        case let pooling as Pooling:
            guard pooling.window.channelAxis == input.axis, input.positions.isEmpty else {
                return nil
            }
            return pooling.reduction == .average ? input : maximum(input, of: pooling.window)
        case let pooling as GlobalPooling where pooling.reduction == .average:
            guard pooling.format.channelAxis(rank: pooling.rank + 2) == input.axis,
                input.positions.isEmpty
            else { return nil }
            var result = input
            if !pooling.keepsAxes { result.axis = 1 }
            return result
        case let flatten as Flatten:
            let positions = inputShape.dimensions.dropFirst().dropLast().compactMap(\.self)
            guard flatten.format == .channelsLast, input.positions.isEmpty,
                input.axis == inputShape.rank - 1, positions.count == inputShape.rank - 2
            else { return nil }
            var result = input
            result.axis = 1
            result.positions = positions.contains { $0 != 1 } ? positions : []
            return result
        case let convolution as DepthwiseConvolution:
            return convolved(convolution, layer, input)
        default: return nil
        }
    }

    /// N(β, γ²), with the correlations of the input.
    private func normalized(
        _ normalization: BatchNormalization, _ layer: Layer, shape: Shape, input: ChannelMoments?
    ) -> ChannelMoments? {
        guard let axis = shape.axis(normalization.axis), let count = shape[axis],
            count <= ChannelMoments.largestCount,
            let variance = layer.weight("moving_variance")?.floats(), variance.count == count
        else { return nil }
        let gamma = layer.weight("gamma")?.floats()
        let beta = layer.weight("beta")?.floats()
        let deviations = variance.indices.map { channel in
            let variance = max(Double(variance[channel]), 0)
            let share = variance / max(variance + normalization.epsilon, .leastNormalMagnitude)
            return Double(gamma?[channel] ?? 1) * share.squareRoot()
        }
        var result: ChannelMoments
        let mean = variance.indices.map { Double(beta?[$0] ?? 0) }
        if let input, input.axis == axis, input.positions.isEmpty, input.count == count {
            result = input.rescaled(mean: mean, deviations: deviations)
        } else {
            result = ChannelMoments(
                axis: axis, mean: mean,
                covariance: ChannelMoments.diagonal(deviations.map { $0 * $0 }))
        }
        result.isAnchored = true
        return result
    }

    /// The largest under a window: the mean rises by what neighbours differ, correlations stay.
    ///
    /// On what is only assumed, the rise adds to the error, and is left out.
    private func maximum(_ input: ChannelMoments, of window: Window) -> ChannelMoments {
        let correlations = KernelMoments.correlations(window.size, window.dilation)
        let taps = window.tapCount
        guard taps > 1, input.isAnchored else { return input }
        let others = Double(correlations.reduce(0, +)) - Double(taps)
        let common = others / Double(taps * (taps - 1))
        let rise = GaussianActivation.expectedMaximum(of: taps) * max(1 - common, 0).squareRoot()
        var result = input
        result.mean = zip(input.mean, input.deviations).map { $0 + rise * $1 }
        return result
    }

    /// Behind a window for each channel by itself.
    private func convolved(
        _ convolution: DepthwiseConvolution, _ layer: Layer, _ input: ChannelMoments
    ) -> ChannelMoments? {
        let (window, multiplier) = (convolution.window, convolution.multiplier)
        let outputs = input.count * multiplier
        guard window.channelAxis == input.axis, input.positions.isEmpty,
            outputs <= ChannelMoments.largestCount,
            let kernel = layer.weight("depthwise_kernel")?.floats()
        else { return nil }
        let windows = ChannelMoments(axis: input.axis, mean: [0], covariance: [1])
        let sums = KernelMoments(
            input: windows, window: window.size, dilation: window.dilation, outputs: outputs)
        guard kernel.count == sums.taps * outputs else { return nil }
        var result = input
        let bias = layer.weight("bias")?.floats()
        result.mean = (0..<outputs).map { output in
            let sum = (0..<sums.taps).reduce(Float(0)) { $0 + kernel[$1 * outputs + output] }
            return input.mean[output / multiplier] * Double(sum) + Double(bias?[output] ?? 0)
        }
        result.covariance = sums.covariance(of: kernel, applied: sums.applied(to: kernel))
        for row in 0..<outputs {
            for column in 0..<outputs {
                result.covariance[row * outputs + column] *=
                    input.covariance[row / multiplier * input.count + column / multiplier]
            }
        }
        result.isAnchored = false
        return result.checked?.through(convolution.activation)
    }
}
