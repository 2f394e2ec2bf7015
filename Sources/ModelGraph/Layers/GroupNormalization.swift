package import OrderedJSON

/// `GroupNormalization`, which norms each sample over groups of channels; a group goes as a whole.
package struct GroupNormalization: LayerDefinition {
    package static let classNames = ["GroupNormalization"]

    /// As stored: -1 makes each channel a group.
    package var groups: Int
    /// As Keras numbers axes.
    package var axis: Int
    package var epsilon: Double
    package var centers: Bool
    package var scales: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        groups = try configuration.integer("groups", atLeast: -1, default: 32)
        guard groups != 0 else {
            throw configuration.failure("groups", "a whole number of at least 1, or -1")
        }
        axis = try configuration.integer("axis", atLeast: -16, default: -1)
        epsilon = try configuration.double("epsilon", default: 1e-3)
        centers = try configuration.bool("center", default: true)
        scales = try configuration.bool("scale", default: true)
    }

    /// The channel axis, the number of channels, and how many a group has.
    private func channels(
        of input: Shape
    ) throws(GraphError) -> (axis: Int, count: Int, width: Int) {
        guard let axis = input.axis(axis), axis > 0, let count = input[axis], count > 0 else {
            throw GraphError(.shape, "the number of channels of \(input) is not known")
        }
        guard groups == -1 || count.isMultiple(of: groups) else {
            throw GraphError(.shape, "\(count) channels do not divide into \(groups) groups")
        }
        return (axis, count, groups == -1 ? 1 : count / groups)
    }

    private var roles: [String] { (scales ? ["gamma"] : []) + (centers ? ["beta"] : []) }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let count = try channels(of: try call.firstInput()).count
        return roles.map { WeightSpecification($0, [count]) }
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
        guard let input = channels.call.inputs.first,
            let (axis, count, width) = try? self.channels(of: input)
        else { return }
        channels.protectOthers(than: [axis], .mixedChannels)
        guard let labels = channels.inputs[0].axes[axis] else { return }
        for start in stride(from: 0, to: count, by: width) {
            channels.joinAll(labels[start..<start + width])
        }
        // One group over all channels can only go with all of them.
        if width == count, count > 1 { channels.protect(labels, .mixedChannels) }
        for role in roles { channels.attach(role, axis: 0, .follows, labels) }
        channels.outputs[0].axes[axis] = labels
    }

    /// A group of constants is normed to constants, if they hold up to the border.
    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let input = call.call.inputs.first, let (axis, _, width) = try? channels(of: input),
            let emission = call.inputs.first, emission.axis == axis
        else { return call.unknown }
        let (gamma, beta) = (call.floats("gamma"), call.floats("beta"))
        return call.emitting(axis: axis) { channel in
            let start = channel / width * width
            var values: [Double] = []
            for member in start..<min(start + width, emission.channels.count) {
                guard case .constant(let value, edge: 0) = emission.channels[member] else {
                    return .unknown
                }
                values.append(Double(value))
            }
            guard values.count == width else { return .unknown }
            let mean = values.reduce(0, +) / Double(width)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            let normed = (values[channel - start] - mean) / (variance + epsilon).squareRoot()
            return .constant(Float(normed) * (gamma?[channel] ?? 1) + (beta?[channel] ?? 0))
        }
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard groups != -1, let original = resized.originalInputs.first,
            let (axis, _, width) = try? channels(of: original),
            let count = resized.inputs.first?[axis]
        else { return configuration }
        var configuration = configuration
        configuration["groups"] = .integer(count / width)
        return configuration
    }
}
