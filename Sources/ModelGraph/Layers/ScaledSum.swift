/// `CustomScaleLayer` of InceptionResNetV2, the first input plus the second times a number.
package struct ScaledSum: LayerDefinition {
    package static let classNames = ["CustomScaleLayer"]

    package var scale: Double

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        scale = try configuration.double("scale")
    }

    private func broadcasting(_ call: LayerCall) -> Broadcasting {
        Broadcasting(.trailing, call.inputs)
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        guard call.inputs.count == 2 else {
            throw GraphError(.connection, "takes two inputs, has \(call.inputs.count)")
        }
        return [try broadcasting(call).output()]
    }

    package var memory: LayerMemory { .inPlace }

    package func bind(_ channels: inout ChannelBinder) {
        channels.broadcast(broadcasting(channels.call), inputs: [0, 1])
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.combining(broadcasting(call.call), inputs: [0, 1]) { operands in
            Arithmetic.add.combine([operands[0], operands[1].scaled(by: Float(scale))])
        }
    }
}
