/// `AdaptiveMaxPooling` and `AdaptiveAveragePooling`, pooling to a given size.
package struct AdaptivePooling: LayerDefinition {
    package static let classNames = ["1D", "2D", "3D"].flatMap {
        ["AdaptiveMaxPooling\($0)", "AdaptiveAveragePooling\($0)"]
    }

    package var reduction: Pooling.Reduction
    package var format: DataFormat
    /// The spatial sizes of the output.
    package var size: [Int]

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        reduction = configuration.className.contains("Max") ? .maximum : .average
        size = try configuration.integers(
            "output_size", count: Window.rank(of: configuration.className))
        format = try configuration.choice("data_format", default: DataFormat.channelsLast)
    }

    private var channelAxis: Int { format.channelAxis(rank: size.count + 2) }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        var output = try call.firstInput()
        guard output.rank == size.count + 2 else {
            throw GraphError(
                .shape,
                "takes a tensor of rank \(size.count + 2), is given \(output.dimensionsText)")
        }
        for (index, axis) in format.spatialAxes(rank: output.rank).enumerated() {
            output[axis] = size[index]
        }
        return [output]
    }

    package func bind(_ channels: inout ChannelBinder) {
        channels.passThrough(axes: [channelAxis], otherwise: .mixedChannels)
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.passing(along: channelAxis) { $1 }
    }
}
