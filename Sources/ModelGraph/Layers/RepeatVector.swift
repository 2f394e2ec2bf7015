/// `RepeatVector`, a vector several times, one behind the other along a new axis.
package struct RepeatVector: LayerDefinition {
    package static let classNames = ["RepeatVector"]

    package var count: Int

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        count = try configuration.integer("n")
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        guard input.rank == 2 else {
            throw GraphError(.shape, "takes vectors, is given \(input.dimensionsText)")
        }
        return [[input[0], count, input[1]]]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(outputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) { channels.rearrange(move) }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.emitting(rearranged: move)
    }

    private func move(_ tensor: TensorChannels) -> TensorChannels? {
        TensorChannels(tensor.axes[1].map { [2: $0] } ?? [:])
    }
}
