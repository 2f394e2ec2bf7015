package import OrderedJSON

/// `Embedding`, a vector for each of a vocabulary's numbers.
///
/// Weights: `vocabulary × width`.
package struct Embedding: LayerDefinition {
    package static let classNames = ["Embedding"]

    package var vocabulary: Int
    package var width: Int
    /// Whether 0 marks steps that later layers leave out.
    package var masksZero: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        vocabulary = try configuration.integer("input_dim")
        width = try configuration.integer("output_dim")
        masksZero = try configuration.bool("mask_zero", default: false)
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        [WeightSpecification("embeddings", [vocabulary, width])]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [Shape(try call.firstInput().dimensions + [width])]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        .moving(outputs.first)
    }

    package func bind(_ channels: inout ChannelBinder) {
        channels.protect(input: 0, .mixedChannels)
        let labels = channels.produce("embeddings", axis: 1, count: width)
        channels.outputs[0].axes[channels.outputShapes[0].rank - 1] = labels
    }

    /// A removed column is zero for every number.
    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.emitting(axis: call.outputShapes[0].rank - 1) { _ in .constant(0) }
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let width = resized.shape("embeddings")?.last else { return configuration }
        var configuration = configuration
        configuration["output_dim"] = .integer(width)
        return configuration
    }
}
