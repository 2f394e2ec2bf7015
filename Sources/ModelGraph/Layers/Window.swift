/// A window that slides over the spatial axes of a tensor, as convolutions and pooling have.
package struct Window: Hashable, Sendable {
    package var size: [Int]
    package var strides: [Int]
    package var dilation: [Int]
    package var padding: Padding
    package var format: DataFormat

    /// Number of spatial axes.
    package var rank: Int { size.count }

    package var tapCount: Int { size.reduce(1, *) }

    /// Whether the border of the input is extended by zeros.
    package var isPadded: Bool {
        padding != .valid && zip(size, strides).contains { $0 > 1 || $1 > 1 } && tapCount > 1
    }

    package init(
        _ configuration: LayerConfiguration, rank: Int, key: String, strides: [Int]? = nil
    ) throws(GraphError) {
        size = try configuration.integers(key, count: rank)
        self.strides = try configuration.integers(
            "strides", count: rank, default: strides ?? Array(repeating: 1, count: rank))
        dilation = try configuration.integers(
            "dilation_rate", count: rank, default: Array(repeating: 1, count: rank))
        padding = try configuration.choice("padding", default: Padding.valid)
        format = try configuration.choice("data_format", default: DataFormat.channelsLast)
    }

    /// The number of input channels.
    package func channels(of input: Shape) throws(GraphError) -> Int {
        guard input.rank == rank + 2 else {
            throw GraphError(.shape, "takes a tensor of rank \(rank + 2), is given \(input)")
        }
        guard let channels = input[format.channelAxis(rank: input.rank)], channels > 0 else {
            throw GraphError(.shape, "the number of input channels of \(input) is not known")
        }
        return channels
    }

    /// The shape of the output.
    package func output(of input: Shape, channels: Int) throws(GraphError) -> Shape {
        guard input.rank == rank + 2 else {
            throw GraphError(.shape, "takes a tensor of rank \(rank + 2), is given \(input)")
        }
        var output = input
        output[format.channelAxis(rank: input.rank)] = channels
        for (index, axis) in format.spatialAxes(rank: input.rank).enumerated() {
            guard let length = input[axis] else { continue }
            let reach = (size[index] - 1) * dilation[index] + 1
            let room = padding == .valid ? length - reach + 1 : length
            guard room > 0 else {
                throw GraphError(.shape, "a window of \(reach) does not fit an input of \(input)")
            }
            output[axis] = (room + strides[index] - 1) / strides[index]
        }
        return output
    }

    /// The work of sliding the window over all of `output`; nil if its size is not known.
    package func work(
        kind: LayerWork.Kind, over output: Shape, inputChannels: Int, outputChannels: Int,
        groups: Int
    ) -> LayerWork? {
        var positions = 1
        for axis in format.spatialAxes(rank: output.rank) {
            guard let length = output[axis] else { return nil }
            positions *= length
        }
        return LayerWork(
            kind: kind, positions: positions, kernel: size, strides: strides,
            inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
            multiplyAdds: positions * tapCount * (inputChannels / groups) * outputChannels)
    }
}
