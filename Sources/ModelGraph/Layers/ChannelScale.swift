package import OrderedJSON

/// `LayerScale` of ConvNeXt, a learnt factor for each channel of the last axis.
package struct ChannelScale: LayerDefinition {
    package static let classNames = ["LayerScale"]

    package var width: Int

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        width = try configuration.integer("projection_dim")
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        [WeightSpecification("gamma", [width])]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let input = try call.firstInput()
        guard let last = input.dimensions.last, last == nil || last == width else {
            throw GraphError(.shape, "scales \(width) channels, is given \(input)")
        }
        return [input]
    }

    package var memory: LayerMemory { .inPlace }

    package func bind(_ channels: inout ChannelBinder) {
        let axis = channels.call.inputs[0].rank - 1
        if let labels = channels.inputs[0].axes[axis] {
            channels.attach("gamma", axis: 0, .follows, labels)
        }
        channels.passThrough()
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let gamma = call.floats("gamma") else { return call.unknown }
        return call.passing(along: call.call.inputs[0].rank - 1) { channel, emission in
            emission.scaled(by: gamma[channel])
        }
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let width = resized.shape("gamma")?.first else { return configuration }
        var configuration = configuration
        configuration["projection_dim"] = .integer(width)
        return configuration
    }
}
