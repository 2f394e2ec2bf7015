import ModelGraph

enum EmbeddingRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(Embedding.self, embedding),
            LoweringRule(Masking.self, masking),
        ]
    }

    private static func embedding(
        _ definition: Embedding, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let (rows, width) = (definition.vocabulary, definition.width)
        let table = builder.constant(try site.weight("embeddings", shape: [rows, width]))
        let shape = builder.shape(input)
        let count = shape.reduce(1, *)
        let output = try builder.append(
            SwiftOperation(label: "embedding") { _, addresses throws(ExecutionError) in
                let indices = try addresses.input(0, count: count)
                let vectors = try addresses.input(1, count: rows * width)
                let target = try addresses.output(0, count: count * width)
                for position in 0..<count {
                    guard let index = Int(exactly: indices[position].rounded(.towardZero)),
                        (0..<rows).contains(index)
                    else {
                        throw ExecutionError(
                            .shape,
                            "looks up \(indices[position]), its numbers end at \(rows - 1)")
                    }
                    for column in 0..<width {
                        target[position * width + column] = vectors[index * width + column]
                    }
                }
            }, [input, table], shape + [width])
        if definition.masksZero {
            let isZero = try builder.binary(.equal, input, builder.scalar(0))
            builder.masks[output] = try builder.function(.linear(scale: -1, shift: 1), isZero)
        }
        return output
    }

    /// Blanks the steps all of whose features are one value, and marks them.
    private static func masking(
        _ definition: Masking, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let shape = builder.shape(input)
        let isBlank = try builder.binary(
            .equal, input, builder.scalar(Float(definition.value)))
        let isLive = try builder.function(.linear(scale: -1, shift: 1), isBlank)
        let steps = try builder.reduce(isLive, .maximum, axes: [shape.count - 1])
        let output = try builder.binary(.multiply, input, steps)
        builder.masks[output] = try builder.reshape(steps, Array(shape.dropLast()))
        return output
    }
}
