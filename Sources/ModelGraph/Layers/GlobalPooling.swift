/// `GlobalMaxPooling` and `GlobalAveragePooling` in one, two and three dimensions.
package struct GlobalPooling: LayerDefinition {
    package static let classNames = ["1D", "2D", "3D"].flatMap {
        [
            "GlobalMaxPooling\($0)", "GlobalMaxPool\($0)", "GlobalAveragePooling\($0)",
            "GlobalAvgPool\($0)",
        ]
    }

    package var reduction: Pooling.Reduction
    package var format: DataFormat
    /// Number of spatial axes.
    package var rank: Int
    /// Whether the spatial axes stay, with size 1.
    package var keepsAxes: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        reduction = configuration.className.hasPrefix("GlobalMax") ? .maximum : .average
        rank = Window.rank(of: configuration.className)
        format = try configuration.choice("data_format", default: DataFormat.channelsLast)
        keepsAxes = try configuration.bool("keepdims", default: false)
    }

    private var channelAxis: Int { format.channelAxis(rank: rank + 2) }

    private var outputAxis: Int { keepsAxes ? channelAxis : 1 }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        var output = try call.firstInput()
        guard output.rank == rank + 2 else {
            throw GraphError(
                .shape, "takes a tensor of rank \(rank + 2), is given \(output.dimensionsText)")
        }
        guard keepsAxes else { return [[output[0], output[channelAxis]]] }
        for axis in format.spatialAxes(rank: rank + 2) { output[axis] = 1 }
        return [output]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let input = call.inputs.first, input.rank == rank + 2,
            let channels = input[channelAxis]
        else { return nil }
        let sizes = format.spatialAxes(rank: rank + 2).compactMap { input[$0] }
        guard sizes.count == rank else { return nil }
        return LayerWork(
            kind: .pooling, positions: 1, kernel: sizes, strides: sizes, inputChannels: channels,
            outputChannels: channels, groups: channels, multiplyAdds: 0)
    }

    package func bind(_ channels: inout ChannelBinder) {
        channels.protectOthers(than: [channelAxis], .mixedChannels)
        if let labels = channels.inputs[0].axes[channelAxis] {
            channels.outputs[0].axes[outputAxis] = labels
        }
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.emitting(rearranged: { tensor in
            TensorChannels(tensor.axes[channelAxis].map { [outputAxis: $0] } ?? [:])
        })
    }
}
