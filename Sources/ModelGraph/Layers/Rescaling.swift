import OrderedJSON

/// `Rescaling`, `scale * x + offset` with numbers from the settings.
package struct Rescaling: LayerDefinition {
    package static let classNames = ["Rescaling"]

    /// One number, or one for each channel of the last axis.
    package var scale: [Double]
    package var offset: [Double]

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        guard let scale = configuration.json["scale"]?.flatNumbers, !scale.isEmpty else {
            throw configuration.failure("scale", "a number")
        }
        guard let offset = (configuration.json["offset"] ?? 0).flatNumbers, !offset.isEmpty else {
            throw configuration.failure("offset", "a number")
        }
        (self.scale, self.offset) = (scale, offset)
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try call.firstInput()]
    }

    package var memory: LayerMemory { .inPlace }

    package func bind(_ channels: inout ChannelBinder) {
        // Numbers in the settings cannot be cut with their channels.
        if scale.count > 1 || offset.count > 1 { channels.protect(input: 0, .fixedPartner) }
        channels.passThrough()
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.passing { _, emission in
            emission.scaled(by: Float(scale[0]), offset: Float(offset[0]))
        }
    }
}
