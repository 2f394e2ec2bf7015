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
        ]
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
