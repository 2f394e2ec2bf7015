import COneDNN

/// A matrix product of the last axis with a constant kernel: `… × inputs` by `inputs × outputs`.
struct DenseOperation: FusingOperation {
    let label = "product"
    /// `inputs × outputs`.
    var kernel: Constant
    var bias: Constant?
    var scales: [Float]?
    var fused: [FusedOperation] = []

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let (inputs, outputs) = (kernel.shape[0], kernel.shape[1])
        let rows = shapes.outputs[0].dropLast().reduce(1, *)
        let source = try MemoryDescription([rows, inputs])
        let target = try MemoryDescription([rows, outputs])
        let stored = try MemoryDescription(dimensions: [outputs, inputs], strides: [1, outputs])
        let wanted = try MemoryDescription.any([outputs, inputs])
        var operation = dnnl_inner_product_desc_t()
        let status = withOptionalPointer(to: try biasDescription()) { bias in
            dnnl_inner_product_forward_desc_init(
                &operation, dnnl_forward_inference, [source.raw], [wanted.raw], bias, [target.raw])
        }
        try Engine.check(status, "a product of \(shapes.inputs[0]) by \(kernel.shape)")
        let (post, extra) = try postOperations(shapes) { input throws(ExecutionError) in
            try MemoryDescription(shapes.inputs[input].reduce(1, *) == 1 ? [1, 1] : [1, outputs])
        }
        let primitive = try PrimitiveDescription(
            operation, try Attributes(post), "a product of \(shapes.inputs[0])")
        return try kernel(
            primitive, source: source, target: target, stored: stored,
            extra: extra, arena: shapes.arena)
    }
}

/// A matrix product of two tensors, for each index of the axes before the last two.
struct MatrixOperation: Operation {
    let label = "matrix product"
    /// Whether the last two axes of the second input are exchanged: `outputs × inputs`.
    var transposesSecond: Bool

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let rank = shapes.outputs[0].count
        let first = shapes.inputs[0]
        let second = shapes.inputs[1]
        guard rank >= 2, first.count == rank, second.count == rank else {
            throw ExecutionError(.shape, "no matrix product of \(first) by \(second)")
        }
        // Axes before the matrix become one, which both inputs have.
        func batch(_ shape: [Int]) -> Int { shape[..<(rank - 2)].reduce(1, *) }
        let (rows, inner, columns) = (first[rank - 2], first[rank - 1], shapes.outputs[0][rank - 1])
        let source = try MemoryDescription([batch(first), rows, inner])
        let target = try MemoryDescription([batch(shapes.outputs[0]), rows, columns])
        let weights =
            transposesSecond
            ? try MemoryDescription(
                dimensions: [batch(second), inner, columns], strides: [inner * columns, 1, inner])
            : try MemoryDescription([batch(second), inner, columns])
        var operation = dnnl_matmul_desc_t()
        try Engine.check(
            dnnl_matmul_desc_init(&operation, [source.raw], [weights.raw], nil, [target.raw]),
            "a matrix product of \(first) by \(second)")
        let primitive = try PrimitiveDescription(
            operation, try Attributes(), "a matrix product of \(first) by \(second)")
        return try PrimitiveKernel(
            primitive,
            [
                KernelArgument(espalier_dnnl_src, source, .input(0)),
                KernelArgument(espalier_dnnl_weights, weights, .input(1)),
                KernelArgument(espalier_dnnl_dst, target, .output(0)),
            ])
    }
}
