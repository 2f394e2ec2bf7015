import ModelGraph

/// Tensors combined element by element, or put one behind the other.
enum MergeRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(Merge.self) { merge, site, builder throws(ExecutionError) in
                let rank = site.inputs.map { builder.shape($0).count }.max() ?? 0
                var operands: [Value] = []
                for input in site.inputs {
                    // Missing axes stand behind the batch.
                    let shape = builder.shape(input)
                    let ones = Array(repeating: 1, count: rank - shape.count)
                    operands.append(
                        try builder.reshape(input, shape.prefix(1) + ones + shape.dropFirst()))
                }
                return try builder.combine(merge.operation, operands)
            },
            LoweringRule(Concatenate.self) { concatenate, site, builder throws(ExecutionError) in
                guard let first = site.inputs.first else {
                    throw ExecutionError(.shape, "takes inputs, has none")
                }
                return try builder.concatenate(
                    site.inputs, axis: try builder.axis(concatenate.axis, of: first))
            },
            LoweringRule(ScaledSum.self) { sum, site, builder throws(ExecutionError) in
                guard site.inputs.count == 2 else {
                    throw ExecutionError(.shape, "takes two inputs, has \(site.inputs.count)")
                }
                let scaled = try builder.function(
                    .linear(scale: Float(sum.scale)), site.inputs[1])
                return try builder.binary(.add, site.inputs[0], scaled)
            },
            LoweringRule(Dot.self, dot),
        ]
    }

    private static func dot(
        _ definition: Dot, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        guard site.inputs.count == 2 else {
            throw ExecutionError(.shape, "takes two inputs, has \(site.inputs.count)")
        }
        var rows: [Value] = []
        var kept: [[Int]] = []
        for (input, number) in zip(site.inputs, [definition.axes[0], definition.axes.last ?? -1]) {
            let axis = try builder.axis(number, of: input)
            let shape = builder.shape(input)
            guard axis > 0 else { throw ExecutionError(.shape, "sums over the batch") }
            let others = shape.indices.filter { $0 != 0 && $0 != axis }
            var value = input
            if definition.normalizes {
                let squares = try builder.reduce(
                    try builder.function(.square, input), .sum, axes: [axis])
                let norm = try builder.function(
                    .power(-0.5),
                    try builder.function(
                        .clip(from: 1e-12, to: .greatestFiniteMagnitude), squares))
                value = try builder.binary(.multiply, input, norm)
            }
            kept.append(others.map { shape[$0] })
            rows.append(
                try builder.reshape(
                    try builder.transpose(value, [0] + others + [axis]),
                    [shape[0], others.reduce(1) { $0 * shape[$1] }, shape[axis]]))
        }
        let product = try builder.matrixProduct(rows[0], rows[1], transposesSecond: true)
        let sizes = kept[0] + kept[1]
        return try builder.reshape(
            product, [builder.shape(product)[0]] + (sizes.isEmpty ? [1] : sizes))
    }
}

extension ProgramBuilder {
    /// Combines tensors from the first to the last.
    mutating func combine(
        _ operation: Arithmetic, _ operands: [Value]
    ) throws(ExecutionError) -> Value {
        guard var result = operands.first else {
            throw ExecutionError(.shape, "takes inputs, has none")
        }
        let function: BinaryFunction =
            switch operation {
            case .add, .average: .add
            case .subtract: .subtract
            case .multiply: .multiply
            case .divide: .divide
            case .maximum: .maximum
            case .minimum: .minimum
            }
        for operand in operands.dropFirst() {
            result = try binary(function, result, operand)
        }
        if operation == .average {
            result = try self.function(.linear(scale: 1 / Float(operands.count)), result)
        }
        return result
    }
}
