import COneDNN

/// A transposed convolution over a channels-last tensor.
///
/// Output length along an axis: `(length - 1) × stride + reach - before - after`.
struct DeconvolutionOperation: FusingOperation {
    let label = "deconvolution"
    var window: SlidingWindow
    /// `window… × outputs × inputs`, as Keras stores it.
    var kernel: Constant
    var bias: Constant?
    var scales: [Float]?
    var fused: [FusedOperation] = []

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let source = try MemoryDescription(channelsLast: shapes.inputs[0])
        let target = try MemoryDescription(channelsLast: shapes.outputs[0])
        let rank = kernel.shape.count - 2
        let strides = MemoryDescription.rowMajorStrides(kernel.shape)
        let dimensions = [kernel.shape[rank], kernel.shape[rank + 1]] + kernel.shape[..<rank]
        let stored = try MemoryDescription(
            dimensions: dimensions, strides: [strides[rank], strides[rank + 1]] + strides[..<rank])
        let wanted = try MemoryDescription.any(dimensions)
        var operation = dnnl_deconvolution_desc_t()
        let status = withOptionalPointer(to: try biasDescription()) { bias in
            dnnl_dilated_deconvolution_forward_desc_init(
                &operation, dnnl_forward_inference, dnnl_deconvolution_direct, [source.raw],
                [wanted.raw], bias, [target.raw], window.strides.map(Int64.init),
                window.dilation.map { Int64($0 - 1) }, window.before.map(Int64.init),
                window.after.map(Int64.init))
        }
        try Engine.check(status, "a deconvolution of \(shapes.inputs[0]) by \(kernel.shape)")
        let (post, extra) = try postOperations(shapes) { input throws(ExecutionError) in
            try MemoryDescription.broadcast(
                shapes.inputs[input], channelsLast: shapes.outputs[0])
        }
        let primitive = try PrimitiveDescription(
            operation, try Attributes(post), "a deconvolution of \(shapes.inputs[0])")
        return try kernel(
            primitive, source: source, target: target, stored: stored,
            extra: extra, arena: shapes.arena)
    }
}
