import COneDNN

/// Spatial axes of a channels-last tensor stretched by linear interpolation between pixel centres.
struct ResamplingOperation: Operation {
    let label = "resampling"

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let source = try MemoryDescription(channelsLast: shapes.inputs[0])
        let target = try MemoryDescription(channelsLast: shapes.outputs[0])
        var operation = dnnl_resampling_desc_t()
        try Engine.check(
            dnnl_resampling_forward_desc_init(
                &operation, dnnl_forward_inference, dnnl_resampling_linear, nil, [source.raw],
                [target.raw]), "resampling of \(shapes.inputs[0])")
        let primitive = try PrimitiveDescription(
            operation, try Attributes(), "resampling of \(shapes.inputs[0])")
        return try PrimitiveKernel(
            primitive,
            [
                KernelArgument(espalier_dnnl_src, source, .input(0)),
                KernelArgument(espalier_dnnl_dst, target, .output(0)),
            ])
    }
}
