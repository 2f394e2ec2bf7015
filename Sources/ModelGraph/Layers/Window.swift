/// A window that slides over the spatial axes of a tensor, as convolutions and pooling have.
package struct Window: Hashable, Sendable {
    package var size: [Int]
    package var strides: [Int]
    package var dilation: [Int]
    package var padding: Padding
    package var format: DataFormat

    /// Number of spatial axes.
    package var rank: Int { size.count }

    package var tapCount: Int { size.saturatingProduct }

    package var channelAxis: Int { format.channelAxis(rank: rank + 2) }

    package var spatialAxes: Range<Int> { format.spatialAxes(rank: rank + 2) }

    /// Whether the border of some input is extended by zeros.
    package var isPadded: Bool { padding != .valid && tapCount > 1 }

    /// Reads a window from a layer's settings.
    ///
    /// - Parameters:
    ///   - rank: number of spatial axes.
    ///   - key: the setting with the window's size: `kernel_size` or `pool_size`.
    ///   - stridesAreSize: whether the window moves by its own size where nothing else is said.
    package init(
        _ configuration: LayerConfiguration, rank: Int, key: String, stridesAreSize: Bool = false,
        defaultSize: [Int]? = nil
    ) throws(GraphError) {
        size = try configuration.integers(key, count: rank, default: defaultSize)
        let ones = Array(repeating: 1, count: rank)
        strides = try configuration.integers(
            "strides", count: rank, default: stridesAreSize ? size : ones)
        dilation = try configuration.integers("dilation_rate", count: rank, default: ones)
        padding = try configuration.choice("padding", default: Padding.valid)
        format = try configuration.choice("data_format", default: DataFormat.channelsLast)
        guard padding != .causal || rank == 1 else {
            throw GraphError(.configuration, "'padding' can be 'causal' in one dimension only")
        }
    }

    /// The number of spatial axes that a class name ends with: `MaxPooling2D`.
    static func rank(of className: String) -> Int {
        className.contains("1D") ? 1 : className.contains("3D") ? 3 : 2
    }

    /// How far the window reaches along a spatial axis, holes included.
    package func reach(_ index: Int) -> Int { (size[index] - 1) * dilation[index] + 1 }

    /// The number of input channels.
    package func channels(of input: Shape) throws(GraphError) -> Int {
        try checkRank(of: input)
        guard let channels = input[channelAxis], channels > 0 else {
            throw GraphError(.shape, "the number of input channels of \(input) is not known")
        }
        return channels
    }

    func checkRank(of input: Shape) throws(GraphError) {
        guard input.rank == rank + 2 else {
            throw GraphError(
                .shape, "takes a tensor of rank \(rank + 2), is given \(input.dimensionsText)")
        }
    }

    /// The shape of the output.
    ///
    /// - Parameter channels: the output's channels; those of the input if nil.
    package func output(of input: Shape, channels: Int?) throws(GraphError) -> Shape {
        try checkRank(of: input)
        var output = input
        if let channels { output[channelAxis] = channels }
        for (index, axis) in spatialAxes.enumerated() {
            guard let length = input[axis] else { continue }
            let reach = reach(index)
            let room = padding == .valid ? length - reach + 1 : length
            guard room > 0 else {
                throw GraphError(
                    .shape,
                    "a window of \(reach) does not fit an input of \(input.dimensionsText)")
            }
            output[axis] = (room - 1) / strides[index] + 1
        }
        return output
    }

    /// Whether some taps fall on zeros beyond the border of such an input.
    package func pads(_ input: Shape) -> Bool {
        guard isPadded, input.rank == rank + 2 else { return false }
        return spatialAxes.enumerated().contains { index, axis in
            if padding == .causal { return size[index] > 1 }
            guard let length = input[axis], length > 0 else { return size[index] > 1 }
            let last = (length - 1) / strides[index] * strides[index]
            return last + reach(index) > length
        }
    }

    /// Output positions: the product of the spatial dimensions; nil if one is not known.
    package func positions(of output: Shape) -> Int? {
        var positions = 1
        for axis in format.spatialAxes(rank: output.rank) {
            guard let length = output[axis] else { return nil }
            positions = positions.saturatingTimes(length)
        }
        return positions
    }

    /// The work of a kernel that slides over all of `output`; nil if its size is not known.
    ///
    /// - Parameter multiplyAdds: per position; those of a (grouped) convolution if nil.
    package func work(
        kind: LayerWork.Kind, over output: Shape, inputChannels: Int, outputChannels: Int,
        groups: Int = 1, multiplyAdds: Int? = nil
    ) -> LayerWork? {
        guard let positions = positions(of: output) else { return nil }
        let each =
            multiplyAdds
            ?? [tapCount, inputChannels / max(groups, 1), outputChannels].saturatingProduct
        return LayerWork(
            kind: kind, positions: positions, kernel: size, strides: strides,
            inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
            multiplyAdds: positions.saturatingTimes(each))
    }
}
