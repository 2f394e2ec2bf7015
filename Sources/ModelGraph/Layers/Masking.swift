/// `Masking`, which blanks time steps all of whose features are one value, and marks them for later layers.
///
/// Whether a step is blanked depends on all channels, so that none of them can go.
package struct Masking: LayerDefinition {
    package static let classNames = ["Masking"]

    package var value: Double

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        value = try configuration.double("mask_value", default: 0)
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try call.firstInput()]
    }

    package var memory: LayerMemory { .inPlace }

    package func bind(_ channels: inout ChannelBinder) {
        channels.protect(input: 0, .mixedChannels)
        channels.passThrough()
    }
}
