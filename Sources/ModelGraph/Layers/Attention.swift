import OrderedJSON

/// `Attention` and `AdditiveAttention`, means of values weighted by how well keys answer queries.
///
/// Called with query, value and, if it is not the value, key. Scores sum over the channels of query
/// and key, which must stay; the channels of the value pass through.
package struct Attention: LayerDefinition {
    package static let classNames = ["Attention", "AdditiveAttention"]

    package var isAdditive: Bool
    package var usesScale: Bool
    /// Whether scores are sums of a tanh instead of products (`Attention` only).
    package var concatenates: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        isAdditive = configuration.className == "AdditiveAttention"
        usesScale = try configuration.bool("use_scale", default: isAdditive)
        concatenates = try configuration.string("score_mode", default: "dot") == "concat"
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        var weights: [WeightSpecification] = []
        let query = try call.firstInput()
        if usesScale {
            guard !isAdditive || query.dimensions.last ?? nil != nil else {
                throw GraphError(.shape, "the last dimension of \(query) is not known")
            }
            weights.append(
                WeightSpecification(
                    "scale", isAdditive ? query.dimensions.suffix(1).compactMap { $0 } : []))
        }
        if concatenates { weights.append(WeightSpecification("concat_score_weight", [])) }
        return weights
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        guard call.inputs.count >= 2, let width = call.inputs[1].dimensions.last,
            call.inputs[0].rank >= 2, call.inputs[1].rank >= 2
        else { throw GraphError(.connection, "takes a query and a value") }
        var output = call.inputs[0]
        output[output.rank - 1] = width
        guard call.keywordConstant("return_attention_scores")?.bool == true else { return [output] }
        let key = call.inputs.count > 2 ? call.inputs[2] : call.inputs[1]
        var scores = call.inputs[0]
        scores[scores.rank - 1] = key[max(key.rank - 2, 0)]
        return [output, scores]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard call.inputs.count >= 2, let queries = call.inputs[0].sampleElementCount,
            let width = call.inputs[0].dimensions.last ?? nil, width > 0,
            let values = call.inputs[1].sampleElementCount
        else { return nil }
        let products = queries.saturatingTimes(
            values / max(call.inputs[1].dimensions.last.flatMap { $0 } ?? 1, 1))
        return LayerWork(
            kind: .attention, positions: queries / width, inputChannels: width,
            outputChannels: width, multiplyAdds: products.saturatingTimes(2))
    }

    package func bind(_ channels: inout ChannelBinder) {
        guard channels.inputs.count >= 2 else { return }
        channels.protect(input: 0, .mixedChannels)
        let isKey = channels.inputs.count == 2
        let axis = channels.call.inputs[1].rank - 1
        channels.protectOthers(than: isKey ? [] : [axis], .mixedChannels, input: 1)
        for input in channels.inputs.indices.dropFirst(2) {
            channels.protect(input: input, .mixedChannels)
        }
        guard let labels = channels.inputs[1].axes[axis] else { return }
        channels.outputs[0].axes[channels.outputShapes[0].rank - 1] = labels
    }

    /// Weights of a mean sum up to 1, so that a constant stays what it is.
    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard call.inputs.count >= 2 else { return call.unknown }
        let value = call.inputs[1]
        return call.emitting(axis: call.outputShapes[0].rank - 1) { channel in
            guard value.axis == call.call.inputs[1].rank - 1,
                value.channels.indices.contains(channel), value.channels[channel] != .live
            else { return .unknown }
            return value.channels[channel]
        }
    }
}
