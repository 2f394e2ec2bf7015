package import OrderedJSON

/// `LSTM`, `GRU` and `SimpleRNN`, layers with a state that runs along the time axis.
///
/// Kernel: `input channels × (gates · units)`, recurrent kernel: `units × (gates · units)`; a unit's
/// gates go with it. A removed unit's biases are taken as part of what makes it: without them its
/// state stays at zero, with them it would drift in time.
package struct Recurrence: LayerDefinition {
    package static let classNames = ["LSTM", "GRU", "SimpleRNN"]

    package enum Cell: String, Hashable, Sendable {
        case lstm = "LSTM", gru = "GRU", simple = "SimpleRNN"
    }

    package var cell: Cell
    package var units: Int
    package var usesBias: Bool
    package var activation: ActivationFunction
    package var recurrentActivation: ActivationFunction
    /// Whether a GRU's reset gate acts behind the recurrent kernel; its bias then has two rows.
    package var resetsAfter: Bool
    package var returnsSequences: Bool
    package var returnsState: Bool
    package var goesBackwards: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        guard let cell = Cell(rawValue: configuration.className) else {
            throw GraphError(.unsupported, "'\(configuration.className)' is no recurrent layer")
        }
        self.cell = cell
        units = try configuration.integer("units")
        usesBias = try configuration.bool("use_bias", default: true)
        activation =
            configuration.json["activation"] == nil ? .tanh : try configuration.activation()
        recurrentActivation =
            configuration.json["recurrent_activation"] == nil
            ? .sigmoid : try configuration.activation("recurrent_activation")
        // Keras 2 files without the setting come from before there was one.
        resetsAfter = try configuration.bool(
            "reset_after", default: configuration.generation == .three)
        returnsSequences = try configuration.bool("return_sequences", default: false)
        returnsState = try configuration.bool("return_state", default: false)
        goesBackwards = try configuration.bool("go_backwards", default: false)
        guard try !configuration.bool("time_major", default: false) else {
            throw GraphError(.unsupported, "has time in front of the batch")
        }
        guard activation.isElementWise, recurrentActivation.isElementWise else {
            throw GraphError(.unsupported, "has an activation over all units together")
        }
    }

    package var gateCount: Int {
        switch cell {
        case .lstm: 4
        case .gru: 3
        case .simple: 1
        }
    }

    /// Tensors of the state.
    package var stateCount: Int { cell == .lstm ? 2 : 1 }

    private var hasTwoBiases: Bool { cell == .gru && resetsAfter }

    private func channels(of input: Shape) throws(GraphError) -> Int {
        guard input.rank == 3 else {
            throw GraphError(.shape, "takes sequences, is given \(input.dimensionsText)")
        }
        guard let channels = input[2], channels > 0 else {
            throw GraphError(.shape, "the number of features of \(input) is not known")
        }
        return channels
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let channels = try channels(of: try call.firstInput())
        let width = units * gateCount
        let kernels = [
            WeightSpecification("kernel", [channels, width]),
            WeightSpecification("recurrent_kernel", [units, width]),
        ]
        guard usesBias else { return kernels }
        return kernels + [WeightSpecification("bias", hasTwoBiases ? [2, width] : [width])]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        _ = try channels(of: input)
        let output: Shape =
            returnsSequences ? [input[0], input[1], units] : [input[0], units]
        let state: Shape = [input[0], units]
        return [output] + (returnsState ? Array(repeating: state, count: stateCount) : [])
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let input = call.inputs.first, let channels = try? channels(of: input),
            let steps = input[1]
        else { return nil }
        let each = channels.saturatingPlus(units).saturatingTimes(units * gateCount)
        return LayerWork(
            kind: .recurrent, positions: steps, inputChannels: channels, outputChannels: units,
            multiplyAdds: steps.saturatingTimes(each))
    }

    package func bind(_ channels: inout ChannelBinder) {
        channels.protectOthers(than: [2], .reshaped)
        channels.attach("kernel", axis: 0, .consumes, channels.labels(input: 0, axis: 2))
        let gates = channels.produceRepeated("kernel", axis: 1, count: units, times: gateCount)
        let unit = ChannelLabels(gates.prefix(units))
        channels.attach("recurrent_kernel", axis: 0, .consumes, unit)
        channels.attach("recurrent_kernel", axis: 1, .produces, gates)
        if usesBias { channels.attach("bias", axis: hasTwoBiases ? 1 : 0, .produces, gates) }
        // States that come from other layers meet the units that they start.
        for input in channels.inputs.indices.dropFirst()
        where channels.call.inputs[input].rank == 2 && channels.call.inputs[input][1] == units {
            channels.join(unit, channels.labels(input: input, axis: 1))
        }
        for output in channels.outputs.indices {
            let axis = channels.outputShapes[output].rank - 1
            channels.outputs[output].axes[axis] = unit
        }
    }

    /// A unit without kernels and biases stays at zero, if it starts there.
    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        let startsAtZero = call.inputs.dropFirst().allSatisfy { state in
            state.axis == nil || state.channels.allSatisfy { $0 == .live || $0 == .constant(0) }
        }
        guard activation.keepsZero, startsAtZero, call.inputs.count == 1 || isJoined(call) else {
            return call.unknown
        }
        return call.removedOutputs.map { output in
            guard let (axis, removed) = output else { return TensorEmission() }
            return TensorEmission(
                axis: axis, channels: removed.map { $0 ? .constant(0) : .live })
        }
    }

    /// Whether the removed channels of every state are known.
    private func isJoined(_ call: EmissionCall) -> Bool {
        call.inputs.dropFirst().allSatisfy { $0.axis == 1 }
    }

    package func fold(_ call: EmissionCall) -> [Folding] {
        guard let kernel = call.floats("kernel"), let emission = call.inputs.first,
            emission.axis == 2
        else { return [] }
        return [
            Folding.summing(
                emission, kernel: kernel, taps: 1, outputs: units * gateCount, padded: false)
        ]
    }

    package func addingBias(_ configuration: JSON) -> (
        configuration: JSON, bias: WeightSpecification
    )? {
        guard !usesBias else { return nil }
        var configuration = configuration
        configuration["use_bias"] = true
        let width = units * gateCount
        return (
            configuration, WeightSpecification("bias", hasTwoBiases ? [2, width] : [width])
        )
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let units = resized.shape("recurrent_kernel")?.first else { return configuration }
        var configuration = configuration
        configuration["units"] = .integer(units)
        return configuration
    }
}

extension ChannelBinder {
    /// New channels whose slices stand several times along the axis, all first ones before all second ones.
    mutating func produceRepeated(
        _ role: String, axis: Int, count: Int, times: Int
    ) -> ChannelLabels {
        let key = WeightAxis(layer: layer, role: rolePrefix + role, axis: axis)
        if let known = map.weights[key] { return known.labels }
        let labels = map.makeLabels(count)
        let all = ChannelLabels(repeatElement(labels, count: times).joined())
        map.bind(key, .produces, all)
        return all
    }
}
