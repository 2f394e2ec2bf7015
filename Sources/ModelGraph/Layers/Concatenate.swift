/// `Concatenate`, tensors one behind the other along an axis.
package struct Concatenate: LayerDefinition {
    package static let classNames = ["Concatenate"]

    /// As Keras numbers axes.
    package var axis: Int

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        axis = try configuration.integer("axis", atLeast: -16, default: -1)
    }

    init(axis: Int) { self.axis = axis }

    private func axis(of input: Shape) throws(GraphError) -> Int {
        guard let axis = input.axis(axis) else {
            throw GraphError(
                .configuration, "'axis' \(self.axis) is not one of \(input.dimensionsText)")
        }
        return axis
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        var output = try call.firstInput()
        let axis = try axis(of: output)
        for input in call.inputs.dropFirst() {
            var like = input
            if like.rank == output.rank { like[axis] = output[axis] }
            guard like.isCompatible(with: output) else {
                throw GraphError(
                    .shape, "cannot put \(input.dimensionsText) behind \(output.dimensionsText)")
            }
            output[axis] =
                if let sum = output[axis], let more = input[axis] { sum.saturatingPlus(more) } else
                {
                    nil
                }
        }
        return [output]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(outputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) {
        let call = channels.call
        guard let rank = call.inputs.first?.rank, let axis = call.inputs[0].axis(axis) else {
            return
        }
        for other in 1..<max(rank, 1) where other != axis { meet(&channels, along: other) }
        guard channels.inputs.contains(where: { $0.axes[axis] != nil }) else { return }
        guard channels.outputShapes[0][axis] ?? .max <= TensorChannels.largestReshape else {
            for input in channels.inputs { channels.protect(input.axes[axis] ?? [], .reshaped) }
            return
        }
        channels.outputs[0].axes[axis] = call.inputs.indices.flatMap {
            channels.labels(input: $0, axis: axis)
        }
    }

    /// Channels along an axis that is not the concatenation's go together.
    private func meet(_ channels: inout ChannelBinder, along axis: Int) {
        let labels = channels.inputs.map { $0.axes[axis] }
        guard let first = labels.lazy.compactMap({ $0 }).first else { return }
        for other in labels {
            if let other {
                channels.join(first, other)
            } else {
                channels.protect(first, .fixedPartner)
            }
        }
        channels.outputs[0].axes[axis] = first
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let axis = call.call.inputs.first?.axis(axis) else { return call.unknown }
        guard let output = call.removedOutputs.first ?? nil, output.axis == axis else {
            return emitAcross(call)
        }
        var all: [Emission] = []
        for (input, emission) in zip(call.call.inputs, call.inputs) {
            let count = input[axis] ?? 0
            if emission.axis == axis, emission.channels.count == count {
                all += emission.channels
            } else {
                all += Array(repeating: .live, count: count)
            }
        }
        return call.emitting(axis: axis) { index in
            guard all.indices.contains(index), all[index] != .live else { return .unknown }
            return all[index]
        }
    }

    /// A channel that runs through all inputs is constant if it is the same constant in all.
    private func emitAcross(_ call: EmissionCall) -> [TensorEmission] {
        guard let output = call.removedOutputs.first ?? nil else { return call.unknown }
        return call.emitting(axis: output.axis) { index in
            let carried = call.inputs.map { input in
                input.axis == output.axis && input.channels.indices.contains(index)
                    ? input.channels[index] : .live
            }
            guard let first = carried.first, carried.allSatisfy({ $0 == first }),
                first != .live
            else { return .unknown }
            return first
        }
    }
}
