import ModelGraph
import OrderedJSON

enum AttentionRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(several: Attention.self, attention),
            LoweringRule(several: MultiHeadAttention.self, multiHeadAttention),
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

    private static func multiHeadAttention(
        _ definition: MultiHeadAttention, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> [Value] {
        guard let query = site.input(0, "query"), let value = site.input(1, "value") else {
            throw ExecutionError(.shape, "takes a query and a value")
        }
        let key = site.input(2, "key") ?? value
        let shape = builder.shape(query)
        let rank = shape.count
        var attended: [Int] = Array(1..<max(rank - 1, 1))
        if let axes = definition.attentionAxes {
            attended = []
            for number in axes { attended.append(try builder.axis(number, of: query)) }
        }
        guard rank >= 3, builder.shape(value).count == rank, builder.shape(key).count == rank else {
            throw ExecutionError(.shape, "cannot attend to \(shape)")
        }
        let free = (0..<(rank - 1)).filter { !attended.contains($0) }
        func heads(
            _ input: Value, _ role: String, _ width: Int, _ builder: inout ProgramBuilder
        ) throws(ExecutionError) -> Value {
            let all = definition.heads * width
            let kernel = try site.weight("\(role)/kernel")
            let bias = definition.usesBias ? try site.weight("\(role)/bias").reshaped([all]) : nil
            guard kernel.elementCount == (builder.shape(input).last ?? 0) * all else {
                throw ExecutionError(.weight, "weight '\(role)/kernel' does not fit")
            }
            let product = try builder.product(
                input, kernel: kernel.reshaped([kernel.elementCount / all, all]), bias: bias)
            // free axes × heads × attended axes × width
            let own = builder.shape(input)
            let split = try builder.reshape(
                product, own.dropLast() + [definition.heads, width])
            let moved = try builder.transpose(split, free + [rank - 1] + attended + [rank])
            return try builder.reshape(
                moved,
                [
                    free.reduce(definition.heads) { $0 * own[$1] },
                    attended.reduce(1) { $0 * own[$1] }, width,
                ])
        }
        var queries = try heads(query, "query", definition.keyWidth, &builder)
        queries = try builder.function(
            .linear(scale: 1 / Float(definition.keyWidth).squareRoot()), queries)
        let keys = try heads(key, "key", definition.keyWidth, &builder)
        let values = try heads(value, "value", definition.valueWidth, &builder)
        var scores = try builder.matrixProduct(queries, keys, transposesSecond: true)
        let all = builder.shape(scores)
        if let mask = site.input(3, "attention_mask") {
            let given = builder.shape(mask)
            guard free == [0], given == [shape[0], all[1], all[2]] else {
                throw ExecutionError(.unsupported, "has a mask of \(given)")
            }
            let grid = try builder.reshape(scores, [shape[0], definition.heads, all[1], all[2]])
            scores = try builder.reshape(
                try builder.hide(
                    grid, where: try builder.reshape(mask, [shape[0], 1, all[1], all[2]])), all)
        }
        if let mask = builder.masks[value], free == [0] {
            let grid = try builder.reshape(scores, [shape[0], definition.heads, all[1], all[2]])
            scores = try builder.reshape(
                try builder.hide(
                    grid, where: try builder.reshape(mask, [shape[0], 1, 1, all[2]])), all)
        }
        if site.flag("use_causal_mask") { scores = try builder.hideLater(scores) }
        scores = try builder.softmax(scores, axis: 2)
        let mixed = try builder.matrixProduct(scores, values)
        // Back to the query's order of axes, heads and width last.
        let order = free + [rank - 1] + attended + [rank]
        let sizes = shape.dropLast() + [definition.heads, definition.valueWidth]
        var output = try builder.transpose(
            try builder.reshape(mixed, order.map { sizes[$0] }),
            order.indices.map { axis in order.firstIndex(of: axis) ?? axis })
        if definition.usesGate {
            let width = definition.heads * definition.valueWidth
            let kernel = try site.weight("gate/kernel")
            let bias = definition.usesBias ? try site.weight("gate/bias").reshaped([width]) : nil
            let gate = try builder.product(
                query, kernel: kernel.reshaped([shape[rank - 1], width]), bias: bias)
            output = try builder.binary(
                .multiply, output,
                try builder.reshape(
                    try builder.function(.sigmoid, gate), builder.shape(output)))
        }
        let kernel = try site.weight("attention_output/kernel")
        let width = definition.heads * definition.valueWidth
        guard width > 0, kernel.elementCount.isMultiple(of: width) else {
            throw ExecutionError(.weight, "weight 'attention_output/kernel' does not fit")
        }
        let result = try builder.product(
            try builder.reshape(output, shape.dropLast() + [width]),
            kernel: kernel.reshaped([width, kernel.elementCount / width]),
            bias: definition.usesBias ? try site.weight("attention_output/bias") : nil)
        guard free == [0] else { return [result] }
        return [
            result, try builder.reshape(scores, [shape[0], definition.heads, all[1], all[2]]),
        ]
    }
}

extension ProgramBuilder {
    /// Makes scores so small that a softmax gives nothing to them where the mask is 0.
    fileprivate mutating func hide(
        _ scores: Value, where mask: Value
    ) throws(ExecutionError) -> Value {
        try binary(.add, scores, try function(.linear(scale: 1e9, shift: -1e9), mask))
    }

    /// Hides from each query the keys that stand behind it.
    fileprivate mutating func hideLater(_ scores: Value) throws(ExecutionError) -> Value {
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
