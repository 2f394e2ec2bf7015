import ModelGraph
import OrderedJSON

enum AttentionRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(several: Attention.self, attention),
            LoweringRule(several: MultiHeadAttention.self) {
                definition, site, builder throws(ExecutionError) in
                try HeadedAttention(definition, site, builder).lower(&builder)
            },
        ]
    }

    private static func attention(
        _ definition: Attention, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> [Value] {
        guard site.inputs.count == 2 || site.inputs.count == 3 else {
            throw ExecutionError(.unsupported, "is called with \(site.inputs.count) tensors")
        }
        let (query, value) = (site.inputs[0], site.inputs[1])
        let key = site.inputs.count > 2 ? site.inputs[2] : value
        let (queries, keys) = (builder.shape(query), builder.shape(key))
        guard queries.count == 3, keys.count == 3, queries[2] == keys[2] else {
            throw ExecutionError(.unsupported, "attends over \(queries) and \(keys)")
        }
        var scores: Value
        if definition.isAdditive || definition.concatenates {
            // Every query meets every key: batch × queries × keys × channels.
            var sum = try builder.binary(
                .add, try builder.reshape(query, [queries[0], queries[1], 1, queries[2]]),
                try builder.reshape(key, [keys[0], 1, keys[1], keys[2]]))
            if definition.concatenates, definition.usesScale {
                sum = try builder.binary(
                    .multiply, sum,
                    builder.constant(try site.weight("scale").reshaped([1])))
            }
            sum = try builder.function(.tanh, sum)
            if definition.isAdditive, definition.usesScale {
                sum = try builder.binary(
                    .multiply, sum, builder.constant(try site.weight("scale", shape: [queries[2]])))
            }
            scores = try builder.reshape(
                try builder.reduce(sum, .sum, axes: [3]), [queries[0], queries[1], keys[1]])
            if definition.concatenates {
                scores = try builder.binary(
                    .multiply, scores,
                    builder.constant(try site.weight("concat_score_weight").reshaped([1])))
            }
        } else {
            scores = try builder.matrixProduct(query, key, transposesSecond: true)
            if definition.usesScale {
                scores = try builder.binary(
                    .multiply, scores, builder.constant(try site.weight("scale").reshaped([1])))
            }
        }
        if let mask = builder.masks[value] {
            scores = try builder.hide(
                scores, where: try builder.reshape(mask, [keys[0], 1, keys[1]]))
        }
        if site.flag("use_causal_mask") { scores = try builder.hideLater(scores) }
        scores = try builder.softmax(scores, axis: 2)
        let output = try builder.matrixProduct(scores, value)
        return [output, scores]
    }
}

extension ProgramBuilder {
    /// Makes scores so small that a softmax gives nothing to them where the mask is 0.
    mutating func hide(
        _ scores: Value, where mask: Value
    ) throws(ExecutionError) -> Value {
        try binary(.add, scores, try function(.linear(scale: 1e9, shift: -1e9), mask))
    }

    /// Hides from each query the keys that stand behind it.
    mutating func hideLater(_ scores: Value) throws(ExecutionError) -> Value {
        let shape = self.shape(scores)
        let (rows, columns) = (shape[1], shape[2])
        var mask: [Float] = []
        for row in 0..<rows {
            for column in 0..<columns { mask.append(column <= row ? 1 : 0) }
        }
        return try hide(scores, where: constant(mask, shape: [rows, columns]))
    }
}

extension LayerSite {
    /// Whether the call sets a keyword to true.
    func flag(_ keyword: String) -> Bool { call.keywordConstant(keyword)?.bool == true }

    /// The tensor given at a position or under a keyword.
    func input(_ position: Int, _ keyword: String) -> Value? {
        call.inputIndex(position, keyword).map { inputs[$0] }
    }
}
