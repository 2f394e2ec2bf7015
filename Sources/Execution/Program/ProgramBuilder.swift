import ModelGraph

/// Writes a program, operation by operation.
///
/// All tensors are row-major; image-like ones have their channels last.
struct ProgramBuilder {
    var program = Program()
    /// For a sequence, which of its steps count: `batch × steps` of 1 and 0.
    var masks: [Value: Value] = [:]
    /// The node whose work is being written.
    var node = 0

    func shape(_ value: Value) -> [Int] { program.shape(value) }

    mutating func append(
        _ operation: any Operation, _ inputs: [Value], _ shape: [Int]
    ) throws(ExecutionError) -> Value {
        try append(operation, inputs, outputs: [shape])[0]
    }

    mutating func append(
        _ operation: any Operation, _ inputs: [Value], outputs shapes: [[Int]]
    ) throws(ExecutionError) -> [Value] {
        var outputs: [Value] = []
        for shape in shapes {
            try MemoryPlan.check(shape)
            outputs.append(program.add(ValueDescription(shape: shape)))
        }
        program.steps.append(
            Step(operation: operation, inputs: inputs, outputs: outputs, nodes: [node]))
        return outputs
    }

    mutating func constant(_ constant: Constant) -> Value {
        program.add(ValueDescription(shape: constant.shape, constant: constant))
    }

    mutating func constant(_ values: [Float], shape: [Int]? = nil) -> Value {
        constant(Constant(values, shape: shape ?? [values.count]))
    }

    mutating func scalar(_ value: Float) -> Value { constant([value], shape: [1]) }

    /// The same numbers under another shape of as many elements.
    mutating func reshape(_ value: Value, _ shape: [Int]) throws(ExecutionError) -> Value {
        try MemoryPlan.check(shape)
        guard shape.reduce(1, *) == self.shape(value).reduce(1, *) else {
            throw ExecutionError(.shape, "\(self.shape(value)) cannot become \(shape)")
        }
        if shape == self.shape(value) { return value }
        if let constant = program.values[value.index].constant {
            return self.constant(constant.reshaped(shape))
        }
        return program.add(ValueDescription(shape: shape, alias: value))
    }
}

// MARK: Element by element

extension ProgramBuilder {
    mutating func function(
        _ function: ElementwiseFunction, _ input: Value
    ) throws(ExecutionError) -> Value {
        try append(FunctionOperation(function: function), [input], shape(input))
    }

    /// Combines two tensors with numpy's broadcasting.
    mutating func binary(
        _ function: BinaryFunction, _ first: Value, _ second: Value
    ) throws(ExecutionError) -> Value {
        let shape = try Broadcast.shape(self.shape(first), self.shape(second))
        let isWhole = self.shape(first).reduce(1, *) == shape.reduce(1, *)
        let inputs = !isWhole && function.isCommutative ? [second, first] : [first, second]
        return try append(BinaryOperation(function), inputs, shape)
    }

    /// `input × scale + shift`, both given for each index of one axis.
    mutating func scaleAndShift(
        _ input: Value, scale: [Float]?, shift: [Float]?, axis: Int
    ) throws(ExecutionError) -> Value {
        var value = input
        let shape = self.shape(input)
        func broadcast(_ values: [Float]) -> [Int] {
            [values.count] + Array(repeating: 1, count: shape.count - axis - 1)
        }
        if let scale {
            value = try binary(.multiply, value, constant(scale, shape: broadcast(scale)))
        }
        if let shift {
            value = try binary(.add, value, constant(shift, shape: broadcast(shift)))
        }
        return value
    }

    mutating func softmax(
        _ input: Value, axis: Int, isLogarithmic: Bool = false
    ) throws(ExecutionError) -> Value {
        try append(
            SoftmaxOperation(axis: axis, isLogarithmic: isLogarithmic), [input], shape(input))
    }
}

// MARK: Matrices and windows

extension ProgramBuilder {
    /// Product of the last axis with a constant kernel of `inputs × outputs`.
    mutating func product(
        _ input: Value, kernel: Constant, bias: Constant? = nil
    ) throws(ExecutionError) -> Value {
        guard kernel.shape.count == 2, shape(input).last == kernel.shape[0] else {
            throw ExecutionError(
                .shape, "\(shape(input)) cannot be multiplied by a kernel of \(kernel.shape)")
        }
        return try append(
            DenseOperation(kernel: kernel, bias: bias), [input],
            shape(input).dropLast() + [kernel.shape[1]])
    }

    /// Matrix product over the last two axes; those before them are equal in both.
    mutating func matrixProduct(
        _ first: Value, _ second: Value, transposesSecond: Bool = false
    ) throws(ExecutionError) -> Value {
        let (a, b) = (shape(first), shape(second))
        let rank = a.count
        guard rank >= 2, b.count == rank, a[..<(rank - 2)] == b[..<(rank - 2)],
            a[rank - 1] == (transposesSecond ? b[rank - 1] : b[rank - 2])
        else { throw ExecutionError(.shape, "no matrix product of \(a) by \(b)") }
        return try append(
            MatrixOperation(transposesSecond: transposesSecond), [first, second],
            a.dropLast() + [transposesSecond ? b[rank - 2] : b[rank - 1]])
    }

    /// Convolution of a channels-last tensor.
    mutating func convolution(
        _ input: Value, _ operation: ConvolutionOperation
    ) throws(ExecutionError) -> Value {
        let shape = self.shape(input)
        let kernel = operation.kernel.shape
        guard kernel.count == shape.count, let channels = shape.last,
            operation.groups > 0, kernel[kernel.count - 2] * operation.groups == channels,
            operation.outputChannels % operation.groups == 0,
            operation.bias.map({ $0.elementCount == operation.outputChannels }) ?? true
        else {
            throw ExecutionError(.shape, "\(shape) does not fit a kernel of \(kernel)")
        }
        let lengths = try operation.window.output(of: Array(shape[1..<(shape.count - 1)]))
        return try append(
            operation, [input], [shape[0]] + lengths + [operation.outputChannels])
    }

    /// Pooling of a channels-last tensor.
    mutating func pooling(
        _ input: Value, _ kind: PoolingOperation.Kind, _ window: SlidingWindow
    ) throws(ExecutionError) -> Value {
        let shape = self.shape(input)
        let lengths = try window.output(of: Array(shape[1..<(shape.count - 1)]))
        return try append(
            PoolingOperation(kind: kind, window: window), [input],
            [shape[0]] + lengths + [shape[shape.count - 1]])
    }
}
