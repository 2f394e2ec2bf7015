import COneDNN

/// The last axis brought to mean 0 and variance 1, for each index of the axes before it.
struct NormalizationOperation: Operation {
    let label = "normalization"
    var epsilon: Float

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let shape = shapes.inputs[0]
        let rows = shape.dropLast().reduce(1, *)
        let description = try MemoryDescription([rows, shape[shape.count - 1]])
        let statistics = try MemoryDescription([rows])
        var operation = dnnl_layer_normalization_desc_t()
        try Engine.check(
            dnnl_layer_normalization_forward_desc_init(
                &operation, dnnl_forward_inference, [description.raw], [statistics.raw], epsilon,
                0), "normalization of \(shape)")
        let primitive = try PrimitiveDescription(
            operation, try Attributes(), "normalization of \(shape)")
        return try PrimitiveKernel(
            primitive,
            [
                KernelArgument(espalier_dnnl_src, description, .input(0)),
                KernelArgument(espalier_dnnl_dst, description, .output(0)),
            ])
    }
}
