import OrderedJSON

/// `BatchNormalization`, which scales and shifts each channel by what it learnt of it.
///
/// Keras 2 also stores the axis as a list of one.
package struct BatchNormalization: LayerDefinition {
    package static let classNames = [
        "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2",
        "SyncBatchNormalization",
    ]

    /// As Keras numbers axes.
    package var axis: Int
    package var epsilon: Double
    package var centers: Bool
    package var scales: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        let stored = configuration.json["axis"]
        if let list = stored?.array {
            guard list.count == 1, let axis = list[0].integer else {
                throw GraphError(.unsupported, "normalises over several axes at once")
            }
            self.axis = axis
        } else {
            guard stored == nil || stored?.integer != nil else {
                throw configuration.failure("axis", "a whole number")
            }
            axis = stored?.integer ?? -1
        }
        epsilon = try configuration.double("epsilon", default: 1e-3)
        centers = try configuration.bool("center", default: true)
        scales = try configuration.bool("scale", default: true)
    }

    /// The channel axis of such an input, and how many channels it has.
    private func channels(of input: Shape) throws(GraphError) -> (axis: Int, count: Int) {
        guard let axis = input.axis(axis), axis > 0 else {
            throw GraphError(
                .configuration, "'axis' \(self.axis) is not one of \(input.dimensionsText)")
        }
        guard let count = input[axis], count > 0 else {
            throw GraphError(.shape, "the number of channels of \(input) is not known")
        }
        return (axis, count)
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let count = try channels(of: try call.firstInput()).count
        return roles.map { WeightSpecification($0, [count]) }
    }

    private var roles: [String] {
        (scales ? ["gamma"] : []) + (centers ? ["beta"] : []) + ["moving_mean", "moving_variance"]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        _ = try channels(of: input)
        return [input]
    }

    package var memory: LayerMemory { .inPlace }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .normalizing(outputs.first, axis: axis)
    }

    package func bind(_ channels: inout ChannelBinder) {
        guard let axis = channels.call.inputs.first?.axis(axis) else { return }
        let labels = channels.labels(input: 0, axis: axis)
        for role in roles { channels.attach(role, axis: 0, .follows, labels) }
        channels.passThrough()
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let axis = call.call.inputs.first?.axis(axis), let mean = call.floats("moving_mean"),
            let variance = call.floats("moving_variance")
        else { return call.unknown }
        let (gamma, beta) = (call.floats("gamma"), call.floats("beta"))
        return call.passing(along: axis) { channel, emission in
            let deviation = (Double(variance[channel]) + epsilon).squareRoot()
            let scale = Double(gamma?[channel] ?? 1) / deviation
            let offset = Double(beta?[channel] ?? 0) - Double(mean[channel]) * scale
            return emission.scaled(by: Float(scale), offset: Float(offset))
        }
    }
}

extension LayerWork {
    /// Scaling and shifting every element of that tensor; nil if its size is not known.
    static func normalizing(_ output: Shape?, axis: Int) -> LayerWork? {
        guard let output, let count = output.sampleElementCount, let axis = output.axis(axis),
            let channels = output[axis], channels > 0
        else { return nil }
        return LayerWork(
            kind: .normalization, positions: count / channels, inputChannels: channels,
            outputChannels: channels, groups: channels, multiplyAdds: 0)
    }
}
