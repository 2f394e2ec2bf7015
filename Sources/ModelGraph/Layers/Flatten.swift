/// `Flatten`, all axes but the batch as one; channels first are moved to the end before.
package struct Flatten: LayerDefinition {
    package static let classNames = ["Flatten"]

    package var format: DataFormat

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        format = try configuration.choice("data_format", default: DataFormat.channelsLast)
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        guard input.rank > 0 else { throw GraphError(.shape, "takes a batch, is given a scalar") }
        if input.dimensions.dropFirst().contains(nil) { return [[input[0], nil]] }
        guard let count = input.sampleElementCount else {
            throw GraphError(.shape, "its output is too large")
        }
        return [[input[0], count]]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        isTransposing(call.inputs.first) ? .moving(outputs.first) : LayerWork.none
    }

    package var memory: LayerMemory { format == .channelsLast ? .view : .own }

    private func isTransposing(_ input: Shape?) -> Bool {
        format == .channelsFirst && (input?.rank ?? 0) > 2
    }

    package func bind(_ channels: inout ChannelBinder) {
        let (call, shapes) = (channels.call, channels.outputShapes)
        channels.rearrange { move($0, of: call.inputs[0], to: shapes[0]) }
    }

    private func move(
        _ tensor: TensorChannels, of input: Shape, to output: Shape
    ) -> TensorChannels? {
        guard isTransposing(input) else { return tensor.reshaped(from: input, to: output) }
        let order = [0] + Array(2..<input.rank) + [1]
        return tensor.transposed(order).reshaped(
            from: Shape(order.map { input[$0] }), to: output)
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.emitting(rearranged: { move($0, of: call.call.inputs[0], to: call.outputShapes[0]) })
    }
}
