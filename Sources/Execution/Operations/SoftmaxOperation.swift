import COneDNN

/// Softmax along one axis of a tensor that is seen as `before × axis × after`.
struct SoftmaxOperation: Operation {
    let label = "softmax"
    var axis: Int
    var isLogarithmic: Bool
    var inPlaceInputs: [Int] { [0] }

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let shape = shapes.inputs[0]
        let after = shape[(axis + 1)...].reduce(1, *)
        let merged = [shape[..<axis].reduce(1, *), shape[axis]] + (after > 1 ? [after] : [])
        let description = try MemoryDescription(merged)
        let primitive: PrimitiveDescription
        if isLogarithmic {
            var operation = dnnl_logsoftmax_desc_t()
            try Engine.check(
                dnnl_logsoftmax_forward_desc_init(
                    &operation, dnnl_forward_inference, [description.raw], 1), "log-softmax")
            primitive = try PrimitiveDescription(operation, try Attributes(), "log-softmax")
        } else {
            var operation = dnnl_softmax_desc_t()
            try Engine.check(
                dnnl_softmax_forward_desc_init(
                    &operation, dnnl_forward_inference, [description.raw], 1), "softmax")
            primitive = try PrimitiveDescription(operation, try Attributes(), "softmax")
        }
        return try PrimitiveKernel(
            primitive,
            [
                KernelArgument(espalier_dnnl_src, description, .input(0)),
                KernelArgument(espalier_dnnl_dst, description, .output(0)),
            ])
    }
}
