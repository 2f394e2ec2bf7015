extension CostModel {
    /// Predicted time of one layer, in microseconds; 0 for a fused layer, and without a device.
    ///
    /// - Complexity: O(1) by the formula, O(log widths) with a table; allocates nothing.
    package func latency(of layer: LayerWorkload) -> Double {
        latency(
            of: layer, inputChannels: layer.inputChannels, outputChannels: layer.outputChannels)
    }

    /// Predicted time of a layer after its widths change, in microseconds.
    ///
    /// The layer's work is scaled from its own widths, as its operation demands.
    ///
    /// - Complexity: O(1) by the formula, O(log widths) with a table; allocates nothing.
    package func latency(
        of layer: LayerWorkload, inputChannels: Int, outputChannels: Int
    ) -> Double {
        prediction(for: layer, inputChannels: inputChannels, outputChannels: outputChannels)
            .microseconds
    }

    func prediction(
        for layer: LayerWorkload, inputChannels: Int, outputChannels: Int
    ) -> (microseconds: Double, source: LayerCost.Source) {
        if layer.isFused { return (0, .fused) }
        guard hasDevice else { return (0, .compute) }
        let formula = roofline(
            for: layer, inputChannels: inputChannels, outputChannels: outputChannels)
        guard let table,
            let value = table.latency(
                of: layer, inputChannels: inputChannels, outputChannels: outputChannels,
                channelMultiple: Int(channelMultiple))
        else { return formula }
        switch value.quality {
        case .measured: return (value.microseconds, .measured)
        case .interpolated: return (value.microseconds, .interpolated)
        case .extrapolated:
            // Beyond the table the formula says by how much the nearest measurement changes.
            let edge = roofline(
                for: layer, inputChannels: value.inputChannels,
                outputChannels: value.outputChannels)
            let ratio =
                edge.microseconds > 0 ? formula.microseconds / edge.microseconds : 1
            return (value.microseconds * ratio, .extrapolated)
        }
    }

    /// The larger of arithmetic and memory traffic, and the overhead of a layer.
    private func roofline(
        for layer: LayerWorkload, inputChannels: Int, outputChannels: Int
    ) -> (microseconds: Double, source: LayerCost.Source) {
        let input = Double(max(1, layer.inputChannels))
        let output = Double(max(1, layer.outputChannels))
        let inputRatio = Double(max(0, inputChannels)) / input
        let outputRatio = Double(max(0, outputChannels)) / output
        let paddedInput =
            paddedInputWidth(inputChannels, groups: layer.groups) / input
        let paddedOutput = paddedWidth(outputChannels, groups: layer.groups) / output

        // How arithmetic and parameters grow with the widths.
        let work: Double
        let parameters: Double
        switch layer.operation {
        case .convolution, .dense, .attention:
            work = paddedInput * paddedOutput
            parameters = inputRatio * outputRatio
        case .recurrent:
            let sum = input + output
            work = (paddedInput * input + paddedOutput * output) / sum * paddedOutput
            parameters = (inputRatio * input + outputRatio * output) / sum * outputRatio
        case .depthwiseConvolution, .pooling, .normalization, .elementWise, .dataMovement, .other:
            // One width, whatever the groups: rounding up applies to all channels at once.
            work = paddedWidth(outputChannels, groups: 1) / output
            parameters = outputRatio
        }
        // A multiply-add is two operations.
        let compute = 2 * Double(layer.multiplyAdds) * work / flopsPerMicrosecond
        let bytes =
            Double(layer.parameterBytes) * parameters + Double(layer.inputBytes) * inputRatio
            + Double(layer.outputBytes) * outputRatio
        let memory = bytes / bytesPerMicrosecond
        return (max(compute, memory) + overheadUs, compute >= memory ? .compute : .memory)
    }

    /// A width rounded up to the channel multiple, within each group.
    private func paddedWidth(_ width: Int, groups: Int) -> Double {
        let groups = Double(max(1, groups))
        let perGroup = Double(max(0, width)) / groups
        return (perGroup / channelMultiple).rounded(.up) * channelMultiple * groups
    }

    /// Runtimes have kernels of their own for the few channels of images and signals: they are not
    /// rounded up.
    private func paddedInputWidth(_ width: Int, groups: Int) -> Double {
        let unpadded = Double(max(0, width))
        return unpadded <= Self.unpaddedInputChannels * Double(max(1, groups))
            ? unpadded : paddedWidth(width, groups: groups)
    }

    /// Up to this many input channels per group, nothing is rounded up.
    static let unpaddedInputChannels = 4.0
}
