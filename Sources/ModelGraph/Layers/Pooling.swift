import OrderedJSON

/// `MaxPooling` and `AveragePooling` in one, two and three dimensions.
///
/// Zeros beyond the border count for neither, so that a constant channel stays constant.
package struct Pooling: LayerDefinition {
    package static let classNames = ["1D", "2D", "3D"].flatMap {
        ["MaxPooling\($0)", "MaxPool\($0)", "AveragePooling\($0)", "AvgPool\($0)"]
    }

    /// What becomes of the elements under the window.
    package enum Reduction: Hashable, Sendable { case maximum, average }

    package var reduction: Reduction
    package var window: Window

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        reduction = configuration.className.hasPrefix("Max") ? .maximum : .average
        let rank = Window.rank(of: configuration.className)
        // Keras 1 and early Keras 2 called the one-dimensional sizes otherwise.
        let key = configuration.json["pool_length"] == nil ? "pool_size" : "pool_length"
        window = try Window(
            configuration, rank: rank, key: key, stridesAreSize: true,
            defaultSize: Array(repeating: 2, count: rank))
        guard window.padding != .causal else {
            throw configuration.failure("padding", "one of 'valid', 'same'")
        }
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try window.output(of: try call.firstInput(), channels: nil)]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let output = outputs.first, let channels = output[window.channelAxis] else {
            return nil
        }
        return window.work(
            kind: .pooling, over: output, inputChannels: channels, outputChannels: channels,
            groups: channels, multiplyAdds: 0)
    }

    package func bind(_ channels: inout ChannelBinder) {
        channels.passThrough(axes: [window.channelAxis], otherwise: .mixedChannels)
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.passing(along: window.channelAxis) { $1 }
    }
}
