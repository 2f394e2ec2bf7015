import ModelGraph

/// One call of a `MultiHeadAttention`: projections, scores, the mean of the values, and the projection behind it.
///
/// Tensors of the heads are `(free axes · heads) × attended axes × width`, so that scores are plain matrix
/// products. Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.2.
struct HeadedAttention {
    private let definition: MultiHeadAttention
    private let site: LayerSite
    private let query: Value
    private let value: Value
    private let key: Value
    /// The query's shape.
    private let shape: [Int]
    /// Axes over which attention is paid.
    private let attended: [Int]
    /// The other axes but the last, the batch among them.
    private let free: [Int]

    init(
        _ definition: MultiHeadAttention, _ site: LayerSite, _ builder: ProgramBuilder
    ) throws(ExecutionError) {
        guard let query = site.input(0, "query"), let value = site.input(1, "value") else {
            throw ExecutionError(.shape, "takes a query and a value")
        }
        self.definition = definition
        self.site = site
        self.query = query
        self.value = value
        key = site.input(2, "key") ?? value
        let shape = builder.shape(query)
        let rank = shape.count
        guard rank >= 3, builder.shape(value).count == rank, builder.shape(key).count == rank else {
            throw ExecutionError(.shape, "cannot attend to \(shape)")
        }
        var attended: [Int] = []
        for number in definition.attentionAxes ?? Array(1..<(rank - 1)) {
            attended.append(try builder.axis(number, of: query))
        }
        self.shape = shape
        self.attended = attended
        free = (0..<(rank - 1)).filter { !attended.contains($0) }
    }

    /// The output, and the scores where their shape is Keras's.
    func lower(_ builder: inout ProgramBuilder) throws(ExecutionError) -> [Value] {
        var queries = try heads(query, "query", definition.keyWidth, &builder)
        queries = try builder.function(
            .linear(scale: 1 / Float(definition.keyWidth).squareRoot()), queries)
        let keys = try heads(key, "key", definition.keyWidth, &builder)
        let values = try heads(value, "value", definition.valueWidth, &builder)
        var scores = try builder.matrixProduct(queries, keys, transposesSecond: true)
        scores = try masked(scores, &builder)
        scores = try builder.softmax(scores, axis: 2)
        let output = try project(try builder.matrixProduct(scores, values), &builder)
        guard free == [0] else { return [output] }
        return [output, try builder.reshape(scores, grid(of: scores, builder))]
    }

    /// Scores as `batch × heads × queries × keys`.
    private func grid(of scores: Value, _ builder: ProgramBuilder) -> [Int] {
        [shape[0], definition.heads] + builder.shape(scores).dropFirst()
    }

    /// A tensor times the kernel of that role, split into heads.
    private func heads(
        _ input: Value, _ role: String, _ width: Int, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let product = try projection(input, role, definition.heads * width, &builder)
        let own = builder.shape(input)
        let rank = own.count
        let split = try builder.reshape(product, own.dropLast() + [definition.heads, width])
        let moved = try builder.transpose(split, free + [rank - 1] + attended + [rank])
        return try builder.reshape(
            moved,
            [
                free.reduce(definition.heads) { $0 * own[$1] },
                attended.reduce(1) { $0 * own[$1] }, width,
            ])
    }

    /// A tensor times the kernel of that role, which gives `width` channels.
    private func projection(
        _ input: Value, _ role: String, _ width: Int, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let kernel = try site.weight("\(role)/kernel")
        let bias = definition.usesBias ? try site.weight("\(role)/bias") : nil
        guard kernel.elementCount == (builder.shape(input).last ?? 0) * width,
            bias == nil || bias?.elementCount == width
        else { throw ExecutionError(.weight, "weight '\(role)/kernel' does not fit") }
        return try builder.product(
            input, kernel: kernel.reshaped([kernel.elementCount / width, width]),
            bias: bias?.reshaped([width]))
    }

    /// Scores without those that a mask hides.
    private func masked(
        _ scores: Value, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let all = builder.shape(scores)
        var masks: [Value] = []
        if let mask = site.input(3, "attention_mask") {
            let given = builder.shape(mask)
            guard free == [0], given == [shape[0], all[1], all[2]] else {
                throw ExecutionError(.unsupported, "has a mask of \(given)")
            }
            masks.append(try builder.reshape(mask, [shape[0], 1, all[1], all[2]]))
        }
        if let mask = builder.masks[value], free == [0] {
            masks.append(try builder.reshape(mask, [shape[0], 1, 1, all[2]]))
        }
        var result = scores
        for mask in masks {
            let grid = try builder.reshape(result, grid(of: result, builder))
            result = try builder.reshape(try builder.hide(grid, where: mask), all)
        }
        return site.flag("use_causal_mask") ? try builder.hideLater(result) : result
    }

    /// The heads side by side again, gated, times the last kernel.
    private func project(
        _ mixed: Value, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let rank = shape.count
        let order = free + [rank - 1] + attended + [rank]
        let sizes = shape.dropLast() + [definition.heads, definition.valueWidth]
        let width = definition.heads * definition.valueWidth
        var output = try builder.transpose(
            try builder.reshape(mixed, order.map { sizes[$0] }),
            order.indices.map { axis in order.firstIndex(of: axis) ?? axis })
        output = try builder.reshape(output, shape.dropLast() + [width])
        if definition.usesGate {
            let gate = try builder.function(
                .sigmoid, try projection(query, "gate", width, &builder))
            output = try builder.binary(.multiply, output, gate)
        }
        let outputs = definition.outputWidth ?? shape[rank - 1]
        return try projection(output, "attention_output", outputs, &builder)
    }
}
