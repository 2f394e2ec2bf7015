package import OrderedJSON

/// `TimeDistributed`, a layer called on each time step by itself.
package struct TimeDistributed: LayerDefinition {
    package static let classNames = ["TimeDistributed"]

    package var className: String
    package var inner: any LayerDefinition

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        let settings = try configuration.wrapped("layer")
        className = settings.className
        inner = try LayerRegistry.definition(settings)
    }

    /// The call on one time step.
    private func step(_ call: LayerCall) throws(GraphError) -> LayerCall {
        let input = try call.firstInput()
        guard input.rank >= 3 else {
            throw GraphError(.shape, "takes sequences, is given \(input.dimensionsText)")
        }
        return LayerCall(inputs: [Shape([input[0]] + input.dimensions.dropFirst(2))])
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        try inner.weights(for: try step(call))
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let time = try call.firstInput().dimensions
        return try inner.outputs(of: try step(call)).map { shape in
            Shape([shape[0], time[1]] + shape.dimensions.dropFirst())
        }
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let step = try? step(call), let steps = call.inputs[0][1],
            let shapes = try? inner.outputs(of: step),
            var work = inner.work(of: step, outputs: shapes)
        else { return nil }
        work.positions = work.positions.saturatingTimes(steps)
        work.multiplyAdds = work.multiplyAdds.saturatingTimes(steps)
        return work
    }

    package var memory: LayerMemory { inner.memory }

    package func bind(_ channels: inout ChannelBinder) {
        guard let step = try? step(channels.call), let shapes = try? inner.outputs(of: step) else {
            channels.protect(input: 0, .opaqueLayer)
            return
        }
        channels.protect(channels.inputs[0].axes[1, default: []], .reshaped)
        let inputs = [channels.inputs[0].shifted(by: -1, from: 2)]
        channels.outputs = channels.nested(call: step, outputShapes: shapes, inputs: inputs) {
            inner.bind(&$0)
        }.map { $0.shifted(by: 1, from: 1) }
    }

    /// The step's view of the emissions; nil if it cannot be had.
    private func step(_ call: EmissionCall) -> EmissionCall? {
        guard let step = try? self.step(call.call), let shapes = try? inner.outputs(of: step) else {
            return nil
        }
        let inputs = call.inputs.prefix(1).map { emission in
            TensorEmission(axis: emission.axis.map { $0 - 1 }, channels: emission.channels)
        }
        return call.nested(
            prefix: "", call: step, outputShapes: shapes, inputs: inputs,
            removedOutputs: call.removedOutputs.map { output in
                output.map { ($0.axis - 1, $0.removed) }
            })
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let step = step(call) else { return call.unknown }
        return inner.emit(step).map { emission in
            TensorEmission(axis: emission.axis.map { $0 + 1 }, channels: emission.channels)
        }
    }

    package func fold(_ call: EmissionCall) -> [Folding] { step(call).map(inner.fold) ?? [] }

    package func addingBias(_ configuration: JSON) -> (
        configuration: JSON, bias: WeightSpecification
    )? {
        guard let settings = configuration["layer"]?["config"],
            let (changed, bias) = inner.addingBias(settings)
        else { return nil }
        var configuration = configuration
        configuration.resizeInner("layer") { _ in changed }
        return (configuration, bias)
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        func step(_ shape: Shape) -> Shape {
            Shape([shape[0]] + shape.dimensions.dropFirst(2))
        }
        let inner = ResizedLayer(
            inputs: resized.inputs.map(step), outputs: resized.outputs.map(step),
            weights: resized.weights, originalInputs: resized.originalInputs.map(step))
        var configuration = configuration
        configuration.resizeInner("layer") { self.inner.resized($0, to: inner) }
        return configuration
    }
}

extension TensorChannels {
    /// The same channels on axes with other numbers; axes before `first` are left out.
    func shifted(by distance: Int, from first: Int) -> TensorChannels {
        var moved: [Int: ChannelLabels] = [:]
        for (axis, labels) in axes where axis >= first { moved[axis + distance] = labels }
        return TensorChannels(moved)
    }
}
