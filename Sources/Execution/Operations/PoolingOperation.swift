import COneDNN

/// The largest or the mean value under a window that slides over a channels-last tensor.
struct PoolingOperation: FusingOperation {
    enum Kind: Sendable {
        case maximum
        /// The mean over what lies inside the tensor.
        case mean
    }

    let label = "pooling"
    var kind: Kind
    var window: SlidingWindow
    var fused: [FusedOperation] = []
    var layout = TensorLayout.channelsLast

    func accepts(_ operation: FusedOperation) -> Bool {
        if case .function = operation { isNew(operation) } else { false }
    }

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let source = try MemoryDescription(image: shapes.inputs[0], layout)
        let target = try MemoryDescription(image: shapes.outputs[0], layout)
        var operation = dnnl_pooling_desc_t()
        try Engine.check(
            dnnl_pooling_forward_desc_init(
                &operation, dnnl_forward_inference,
                kind == .maximum ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding,
                [source.raw], [target.raw], window.strides.map(Int64.init),
                window.size.map(Int64.init), window.before.map(Int64.init),
                window.after.map(Int64.init)), "pooling of \(shapes.inputs[0])")
        let (post, extra) = try postOperations(shapes) { input throws(ExecutionError) in
            try MemoryDescription.broadcast(
                shapes.inputs[input], channelsLast: shapes.outputs[0])
        }
        let primitive = try PrimitiveDescription(
            operation, try Attributes(post), "pooling of \(shapes.inputs[0])")
        return try PrimitiveKernel(
            primitive,
            [
                KernelArgument(espalier_dnnl_src, source, .input(0)),
                KernelArgument(espalier_dnnl_dst, target, .output(0)),
            ] + extra)
    }
}
