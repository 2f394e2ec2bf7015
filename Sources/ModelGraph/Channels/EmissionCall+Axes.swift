extension EmissionCall {
    /// What each removed channel along that axis of the outputs carries; nothing is known of
    /// channels along another.
    package func emitting(axis: Int, _ value: (Int) -> Emission) -> [TensorEmission] {
        removedOutputs.map { output in
            guard let output else { return TensorEmission() }
            return TensorEmission(
                axis: output.axis,
                channels: output.removed.enumerated().map { index, isRemoved in
                    guard isRemoved else { return .live }
                    return output.axis == axis ? value(index).checked : .unknown
                })
        }
    }

    /// The same axis as the first input, channel by channel; nothing is known of the channels
    /// along an axis other than the given one (any, if nil).
    package func passing(
        along axis: Int? = nil, _ change: (Int, Emission) -> Emission
    ) -> [TensorEmission] {
        guard let input = inputs.first else { return unknown }
        return removedOutputs.map { output in
            guard let output else { return TensorEmission() }
            let known =
                input.axis == output.axis && input.channels.count == output.removed.count
                && (axis == nil || axis == output.axis)
            return TensorEmission(
                axis: output.axis,
                channels: output.removed.enumerated().map { index, isRemoved in
                    guard isRemoved else { return .live }
                    guard known, input.channels[index] != .live else { return .unknown }
                    return change(index, input.channels[index]).checked
                })
        }
    }

    /// The first input's constants behind an activation function.
    package func emitting(through activation: ActivationFunction) -> [TensorEmission] {
        passing { _, emission in emission.through(activation) }
    }

    /// The constants behind a rearrangement of the first input.
    ///
    /// The move is tried with every channel for itself, and if that cannot be cut by whole
    /// channels, with channels that carry the same standing for each other.
    package func emitting(
        rearranged move: (TensorChannels) -> TensorChannels?
    ) -> [TensorEmission] {
        guard let input = inputs.first, let axis = input.axis else { return unknown }
        var firstOfKind: [Emission: Int32] = [:]
        let own = input.channels.indices.map { Int32($0) }
        let kinds = zip(own, input.channels).map { index, emission in
            if let known = firstOfKind[emission] { return known }
            firstOfKind[emission] = index
            return index
        }
        return removedOutputs.map { output in
            guard let output else { return TensorEmission() }
            for labels in [own, kinds] {
                guard let moved = move(TensorChannels([axis: labels])),
                    let places = moved.axes[output.axis], places.count == output.removed.count
                else { continue }
                return TensorEmission(
                    axis: output.axis,
                    channels: zip(places, output.removed).map { place, isRemoved in
                        guard isRemoved else { return .live }
                        guard place >= 0 else { return .unknown }
                        let emission = input.channels[Int(place)]
                        return emission == .live ? .unknown : emission
                    })
            }
            return TensorEmission(
                axis: output.axis, channels: output.removed.map { $0 ? .unknown : .live })
        }
    }

    /// The call of a wrapped layer: weights whose roles start with `prefix`, without it.
    func nested(
        prefix: String, call: LayerCall, outputShapes: [Shape], inputs: [TensorEmission],
        removedOutputs: [(axis: Int, removed: [Bool])?]
    ) -> EmissionCall {
        EmissionCall(
            call: call, outputShapes: outputShapes, inputs: inputs, removedOutputs: removedOutputs,
            weights: weights.stripping(prefix))
    }
}

extension Emission {
    /// Itself, or unknown where the numbers have left the range of numbers.
    var checked: Emission {
        guard case .constant(let value, let edge) = self else { return self }
        return value.isFinite && edge.isFinite ? self : .unknown
    }

    /// A constant behind an activation function.
    func through(_ activation: ActivationFunction) -> Emission {
        guard case .constant(let value, let edge) = self else { return self }
        guard activation.isElementWise else { return .unknown }
        return Emission.constant(
            activation(value), edge: activation.deviation(at: value, within: edge)
        ).checked
    }

    /// A constant behind `scale * x + offset`.
    func scaled(by scale: Float, offset: Float = 0) -> Emission {
        guard case .constant(let value, let edge) = self else { return self }
        return Emission.constant(value * scale + offset, edge: edge * abs(scale)).checked
    }

    /// A constant among zeros, as padding puts them.
    var amongZeros: Emission {
        guard case .constant(let value, let edge) = self else { return self }
        return .constant(value, edge: max(edge, abs(value)))
    }
}

extension [Weight] {
    /// The weights whose roles start with `prefix`, without it.
    func stripping(_ prefix: String) -> [Weight] {
        filter { $0.role.hasPrefix(prefix) }.map { weight in
            var weight = weight
            weight.role.removeFirst(prefix.count)
            return weight
        }
    }
}
