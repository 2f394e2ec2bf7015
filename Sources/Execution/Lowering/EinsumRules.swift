import ModelGraph

enum EinsumRules {
    static var all: [LoweringRule] { [LoweringRule(EinsumDense.self, einsum)] }

    /// Axes are sorted into those that input and kernel share with the output, rows, summed ones and columns; what
    /// is left is a matrix product.
    private static func einsum(
        _ definition: EinsumDense, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let shape = builder.shape(input)
        let kernel = try site.weight("kernel")
        let equation = definition.equation
        let letters = try spelled(equation, rank: shape.count)
        guard letters.input.count == shape.count, equation.kernel.count == kernel.shape.count
        else { throw ExecutionError(.shape, "\(shape) does not fit the equation") }
        var sizes: [Character: Int] = [:]
        for (letter, size) in zip(equation.kernel, kernel.shape) { sizes[letter] = size }
        for (letter, size) in zip(letters.input, shape) { sizes[letter] = size }
        func size(_ letters: [Character]) -> Int { letters.reduce(1) { $0 * (sizes[$1] ?? 1) } }

        let isInKernel = Set(equation.kernel), isInOutput = Set(letters.output)
        let shared = letters.input.filter { isInKernel.contains($0) && isInOutput.contains($0) }
        let rows = letters.input.filter { !isInKernel.contains($0) && isInOutput.contains($0) }
        let summed = letters.input.filter { isInKernel.contains($0) && !isInOutput.contains($0) }
        let columns = equation.kernel.filter { !letters.input.contains($0) }
        guard letters.input.count == shared.count + rows.count + summed.count else {
            throw ExecutionError(.unsupported, "sums over an axis of the input alone")
        }
        func moved(
            _ value: Value, _ from: [Character], _ to: [Character], _ builder: inout ProgramBuilder
        ) throws(ExecutionError) -> Value {
            try builder.transpose(value, to.compactMap { from.firstIndex(of: $0) })
        }
        let left = try builder.reshape(
            try moved(input, letters.input, shared + rows + summed, &builder),
            [size(shared), size(rows), size(summed)])
        let right = try builder.reshape(
            try moved(
                builder.constant(kernel), equation.kernel, shared + summed + columns, &builder),
            [size(shared), size(summed), size(columns)])
        let product = try builder.matrixProduct(left, right)
        let order = shared + rows + columns
        var output = try moved(
            try builder.reshape(product, order.map { sizes[$0] ?? 1 }), order, letters.output,
            &builder)
        if definition.biasAxes != nil, let bias = site.optionalWeight("bias") {
            output = try builder.binary(.add, output, builder.constant(bias))
        }
        return try builder.activation(definition.activation, output)
    }

    /// The letters of input and output, with digits for the axes that the equation leaves out.
    private static func spelled(
        _ equation: EinsumEquation, rank: Int
    ) throws(ExecutionError) -> (input: [Character], output: [Character]) {
        let elided = rank - equation.input.count
        guard elided >= 0, elided < 10, elided == 0 || equation.elided != nil else {
            throw ExecutionError(.shape, "a tensor of rank \(rank) does not fit the equation")
        }
        let digits = Array("0123456789".prefix(elided))
        return equation.elided == .left
            ? (digits + equation.input, digits + equation.output)
            : (equation.input + digits, equation.output + digits)
    }
}
