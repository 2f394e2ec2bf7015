import OrderedJSON

/// `Dot`, scalar products of two tensors along an axis of each; it sums over channels that must stay.
package struct Dot: LayerDefinition {
    package static let classNames = ["Dot"]

    /// As Keras numbers axes: one number for both inputs, or one each.
    package var axes: [Int]
    package var normalizes: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        axes = try configuration.axes("axes", default: [-1])
        guard axes.count == 1 || axes.count == 2 else {
            throw configuration.failure("axes", "one or two whole numbers")
        }
        normalizes = try configuration.bool("normalize", default: false)
    }

    /// The axis of each input.
    package func axes(of inputs: [Shape]) throws(GraphError) -> (first: Int, second: Int) {
        guard inputs.count == 2 else {
            throw GraphError(.connection, "takes two inputs, has \(inputs.count)")
        }
        guard let first = inputs[0].axis(axes[0]), let second = inputs[1].axis(axes.last ?? -1),
            first > 0, second > 0
        else {
            throw GraphError(
                .configuration,
                "'axes' do not fit \(inputs[0].dimensionsText) and \(inputs[1].dimensionsText)")
        }
        return (first, second)
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let (first, second) = try axes(of: call.inputs)
        let (a, b) = (call.inputs[0], call.inputs[1])
        guard a[first] == nil || b[second] == nil || a[first] == b[second] else {
            throw GraphError(
                .shape, "cannot multiply \(a.dimensionsText) with \(b.dimensionsText)")
        }
        var dimensions = a.dimensions
        dimensions.remove(at: first)
        var others = b.dimensions
        others.remove(at: second)
        dimensions += others.dropFirst()
        return [Shape(dimensions.count == 1 ? dimensions + [1] : dimensions)]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let (first, _) = try? axes(of: call.inputs), let depth = call.inputs[0][first],
            let count = outputs.first?.sampleElementCount
        else { return nil }
        return LayerWork(
            kind: .attention, positions: count, inputChannels: depth, outputChannels: 1,
            multiplyAdds: count.saturatingTimes(depth))
    }

    package func bind(_ channels: inout ChannelBinder) {
        for input in channels.inputs.indices { channels.protect(input: input, .mixedChannels) }
    }
}
