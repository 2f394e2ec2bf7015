package import OrderedJSON

/// `MultiHeadAttention`: several attentions side by side, each with its own projections.
///
/// Kernels: `channels × heads × key width` for queries and keys, `channels × heads × value width` for values
/// and gates, `heads × value width × outputs` behind them. Heads, and the value's width within
/// them, are channels that only this layer knows; the key's width must stay, for it scales the scores. A
/// removed head's value bias counts as part of what makes it, so that it is zero without.
package struct MultiHeadAttention: LayerDefinition {
    package static let classNames = ["MultiHeadAttention"]

    package var heads: Int
    package var keyWidth: Int
    package var valueWidth: Int
    package var usesBias: Bool
    package var usesGate: Bool
    /// The output's width where it is not the query's.
    package var outputWidth: Int?
    /// Axes over which attention is paid; nil for all but the batch and the last.
    package var attentionAxes: [Int]?

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        heads = try configuration.integer("num_heads")
        keyWidth = try configuration.integer("key_dim")
        valueWidth = try configuration.integer("value_dim", default: keyWidth)
        usesBias = try configuration.bool("use_bias", default: true)
        usesGate = try configuration.bool("use_gate", default: false)
        if let shape = configuration.json["output_shape"], shape != .null {
            outputWidth = try configuration.integers("output_shape", count: 1)[0]
        }
        if let axes = configuration.json["attention_axes"], axes != .null {
            attentionAxes = try configuration.axes("attention_axes", default: [])
        }
    }

    /// Which inputs are query, value and key.
    private func parts(
        _ call: LayerCall
    ) throws(GraphError) -> (query: Int, value: Int, key: Int) {
        guard let query = call.inputIndex(0, "query"), let value = call.inputIndex(1, "value")
        else {
            throw GraphError(.connection, "takes a query and a value")
        }
        return (query, value, call.inputIndex(2, "key") ?? value)
    }

    private func width(of input: Shape) throws(GraphError) -> Int {
        guard input.rank >= 3, let width = input[input.rank - 1] else {
            throw GraphError(.shape, "cannot attend to \(input.dimensionsText)")
        }
        return width
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let parts = try parts(call)
        let query = try width(of: call.inputs[parts.query])
        let inputs = try projections(
            query: query, value: width(of: call.inputs[parts.value]),
            key: width(of: call.inputs[parts.key]))
        var weights: [WeightSpecification] = []
        for (role, channels, width) in inputs {
            weights.append(WeightSpecification("\(role)/kernel", [channels, heads, width]))
            if usesBias { weights.append(WeightSpecification("\(role)/bias", [heads, width])) }
        }
        let outputs = outputWidth ?? query
        weights.append(
            WeightSpecification("attention_output/kernel", [heads, valueWidth, outputs]))
        if usesBias { weights.append(WeightSpecification("attention_output/bias", [outputs])) }
        return weights
    }

    /// The projections of the inputs, in Keras's order.
    private func projections<T>(query: T, value: T, key: T) -> [(role: String, T, width: Int)] {
        [("query", query, keyWidth), ("key", key, keyWidth)]
            + (usesGate ? [("gate", query, valueWidth)] : []) + [("value", value, valueWidth)]
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        let parts = try parts(call)
        let query = call.inputs[parts.query]
        _ = try width(of: query)
        var output = query
        output[output.rank - 1] = outputWidth ?? query[query.rank - 1]
        guard call.keywordConstant("return_attention_scores")?.bool == true else { return [output] }
        return [output, [query[0], heads, query[1], call.inputs[parts.key][1]]]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let parts = try? parts(call), let output = outputs.first else { return nil }
        func rows(_ input: Int) -> Int? {
            call.inputs[input].sampleElementCount.map {
                $0 / max(call.inputs[input].dimensions.last.flatMap { $0 } ?? 1, 1)
            }
        }
        guard let queries = rows(parts.query), let keys = rows(parts.key),
            let weights = try? weights(for: call)
        else { return nil }
        var sum = 0
        for weight in weights where weight.role.hasSuffix("kernel") {
            let isOfKeys = weight.role.hasPrefix("key") || weight.role.hasPrefix("value")
            sum = sum.saturatingPlus(
                weight.shape.saturatingProduct.saturatingTimes(isOfKeys ? keys : queries))
        }
        let pairs = attendedPairs(call.inputs[parts.query], call.inputs[parts.key]) ?? 0
        sum = sum.saturatingPlus(
            [pairs, heads, keyWidth.saturatingPlus(valueWidth)].saturatingProduct)
        return LayerWork(
            kind: .attention, positions: queries,
            inputChannels: call.inputs[parts.query].dimensions.last.flatMap { $0 } ?? 0,
            outputChannels: output.dimensions.last.flatMap { $0 } ?? 0, groups: heads,
            multiplyAdds: sum)
    }

    /// How many pairs of a query's and a key's position have a score.
    private func attendedPairs(_ query: Shape, _ key: Shape) -> Int? {
        let attended =
            attentionAxes?.compactMap { query.axis($0) } ?? Array(1..<max(query.rank - 1, 1))
        var pairs = 1
        for axis in 1..<max(query.rank - 1, 1) {
            guard let size = query[axis] else { return nil }
            pairs = pairs.saturatingTimes(size)
            guard attended.contains(axis) else { continue }
            guard key.dimensions.indices.contains(axis), let other = key[axis] else { return nil }
            pairs = pairs.saturatingTimes(other)
        }
        return pairs
    }

    package func bind(_ channels: inout ChannelBinder) {
        guard let parts = try? parts(channels.call) else { return }
        let head = channels.produce("value/kernel", axis: 1, count: heads)
        let inner = channels.produce("value/kernel", axis: 2, count: valueWidth)
        for (role, input, _) in projections(
            query: parts.query, value: parts.value, key: parts.key)
        {
            let axis = channels.call.inputs[input].rank - 1
            channels.protectOthers(than: [axis], .mixedChannels, input: input)
            channels.attach(
                "\(role)/kernel", axis: 0, .consumes, channels.labels(input: input, axis: axis))
            channels.attach("\(role)/kernel", axis: 1, .produces, head)
            guard usesBias else { continue }
            channels.attach("\(role)/bias", axis: 0, role == "value" ? .produces : .follows, head)
        }
        if usesBias { channels.attach("value/bias", axis: 1, .produces, inner) }
        if usesGate {
            channels.attach("gate/kernel", axis: 2, .follows, inner)
            if usesBias { channels.attach("gate/bias", axis: 1, .follows, inner) }
        }
        channels.attach("attention_output/kernel", axis: 0, .consumes, head)
        channels.attach("attention_output/kernel", axis: 1, .consumes, inner)
        if channels.outputShapes.count > 1 { channels.protect(head, .mixedChannels) }
        let axis = channels.outputShapes[0].rank - 1
        let output = channels.produce(
            "attention_output/kernel", axis: 2, count: channels.outputShapes[0][axis] ?? 0)
        if usesBias { channels.attach("attention_output/bias", axis: 0, .follows, output) }
        channels.outputs[0].axes[axis] = output
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        let bias = call.floats("attention_output/bias")
        return call.emitting(axis: call.outputShapes[0].rank - 1) { .constant(bias?[$0] ?? 0) }
    }

    /// A constant feature shifts the projections that read it.
    package func fold(_ call: EmissionCall) -> [Folding] {
        guard usesBias, let parts = try? parts(call.call) else { return [] }
        return projections(query: parts.query, value: parts.value, key: parts.key).compactMap {
            role, input, width in
            guard call.inputs[input].axis == call.call.inputs[input].rank - 1,
                let kernel = call.floats("\(role)/kernel")
            else { return nil }
            return Folding.summing(
                call.inputs[input], kernel: kernel, taps: 1, outputs: heads * width,
                padded: false, role: "\(role)/bias")
        }
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let query = resized.shape("query/kernel"), let value = resized.shape("value/kernel"),
            let output = resized.shape("attention_output/kernel"), query.count == 3,
            value.count == 3, output.count == 3
        else { return configuration }
        var configuration = configuration
        configuration["num_heads"] = .integer(query[1])
        if value[2] != valueWidth { configuration["value_dim"] = .integer(value[2]) }
        if outputWidth != nil || output[2] != query[0] {
            configuration["output_shape"] = .array([.integer(output[2])])
        }
        return configuration
    }
}
