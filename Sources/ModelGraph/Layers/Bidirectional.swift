package import OrderedJSON

/// `Bidirectional`, a recurrent layer and its mirror image, which reads time backwards.
///
/// Keras takes both to be of the same width, so that unit `i` of one goes with unit `i` of the other.
package struct Bidirectional: LayerDefinition {
    package static let classNames = ["Bidirectional"]

    package enum Merging: String, Hashable, Sendable, CaseIterable {
        case concatenate = "concat", sum, product = "mul", average = "ave"
    }

    package var forward: Recurrence
    package var backward: Recurrence
    /// nil gives the outputs of both.
    package var merging: Merging?

    package static let forwardPrefix = "forward_layer/"
    package static let backwardPrefix = "backward_layer/"

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        forward = try Recurrence(try configuration.wrapped("layer"))
        if configuration.json["backward_layer"] ?? .null == .null {
            backward = forward
            backward.goesBackwards.toggle()
        } else {
            backward = try Recurrence(try configuration.wrapped("backward_layer"))
        }
        guard forward.units == backward.units, forward.returnsState == backward.returnsState,
            forward.returnsSequences == backward.returnsSequences
        else {
            throw GraphError(.unsupported, "its two directions differ in what they give")
        }
        merging =
            configuration.json["merge_mode"] == .null
            ? nil : try configuration.choice("merge_mode", default: Merging.concatenate)
    }

    /// The call of one direction: the sequence, and its half of the states.
    private func half(_ call: LayerCall, isBackward: Bool) -> LayerCall {
        LayerCall(
            inputs: indices(call.inputs.count, isBackward: isBackward).map { call.inputs[$0] })
    }

    private func indices(_ count: Int, isBackward: Bool) -> [Int] {
        guard count > 1 else { return Array(0..<count) }
        let states = Array(1..<count)
        let half = states.count / 2
        return [0] + (isBackward ? states.suffix(half) : states.prefix(half))
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        try forward.weights(for: half(call, isBackward: false)).map {
            WeightSpecification(Self.forwardPrefix + $0.role, $0.shape)
        }
            + backward.weights(for: half(call, isBackward: true)).map {
                WeightSpecification(Self.backwardPrefix + $0.role, $0.shape)
            }
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let first = try forward.outputs(of: half(call, isBackward: false))
        let second = try backward.outputs(of: half(call, isBackward: true))
        var output = first[0]
        let states = Array(first.dropFirst() + second.dropFirst())
        guard let merging else { return [output, second[0]] + states }
        if merging == .concatenate { output[output.rank - 1] = forward.units * 2 }
        return [output] + states
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard var work = forward.work(of: call, outputs: outputs) else { return nil }
        work.multiplyAdds = work.multiplyAdds.saturatingTimes(2)
        work.outputChannels = forward.units * 2
        return work
    }

    package func bind(_ channels: inout ChannelBinder) {
        let first = bind(&channels, isBackward: false)
        let second = bind(&channels, isBackward: true)
        let axis = channels.outputShapes[0].rank - 1
        let (unit, mirrored) = (first[0].axes[axis] ?? [], second[0].axes[axis] ?? [])
        channels.join(unit, mirrored)
        let states = Array(first.dropFirst() + second.dropFirst())
        guard let merging else {
            channels.outputs = [first[0], second[0]] + states
            return
        }
        let merged = merging == .concatenate ? unit + mirrored : unit
        channels.outputs = [TensorChannels([axis: merged])] + states
    }

    private func bind(_ channels: inout ChannelBinder, isBackward: Bool) -> [TensorChannels] {
        let definition = isBackward ? backward : forward
        let call = half(channels.call, isBackward: isBackward)
        let inputs = indices(channels.inputs.count, isBackward: isBackward)
            .map { channels.inputs[$0] }
        guard let shapes = try? definition.outputs(of: call) else {
            return channels.outputShapes.map { _ in TensorChannels() }
        }
        return channels.nested(
            prefix: isBackward ? Self.backwardPrefix : Self.forwardPrefix, call: call,
            outputShapes: shapes, inputs: inputs, definition.bind)
    }

    /// A unit that is zero in both directions is zero however they are merged.
    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard call.inputs.count == 1, forward.activation.keepsZero, backward.activation.keepsZero
        else { return call.unknown }
        return call.removedOutputs.map { output in
            guard let (axis, removed) = output else { return TensorEmission() }
            return TensorEmission(
                axis: axis, channels: removed.map { $0 ? .constant(0) : .live })
        }
    }

    package func fold(_ call: EmissionCall) -> [Folding] {
        [(Self.forwardPrefix, forward), (Self.backwardPrefix, backward)].flatMap { prefix, half in
            let inner = call.nested(
                prefix: prefix, call: call.call, outputShapes: call.outputShapes,
                inputs: call.inputs, removedOutputs: call.removedOutputs)
            return half.fold(inner).map { folding in
                var folding = folding
                folding.role = prefix + folding.role
                return folding
            }
        }
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        var configuration = configuration
        for (key, prefix, half) in [
            ("layer", Self.forwardPrefix, forward),
            ("backward_layer", Self.backwardPrefix, backward),
        ] {
            var inner = resized
            inner.weights = resized.weights.stripping(prefix)
            configuration.resizeInner(key) { half.resized($0, to: inner) }
        }
        return configuration
    }
}

extension LayerConfiguration {
    /// The settings of the layer that stands whole under that key.
    func wrapped(_ key: String) throws(GraphError) -> LayerConfiguration {
        guard let layer = json[key], let className = layer["class_name"]?.string,
            let settings = layer["config"], settings.object != nil
        else { throw failure(key, "a layer") }
        return inner(className, settings)
    }
}

extension JSON {
    /// Changes the settings of the layer that stands whole under that key, if there is one.
    mutating func resizeInner(_ key: String, _ change: (JSON) -> JSON) {
        guard var layer = self[key], let settings = layer["config"] else { return }
        layer["config"] = change(settings)
        self[key] = layer
    }
}
