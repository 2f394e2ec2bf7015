import COneDNN

/// A convolution over a channels-last tensor, also grouped and depthwise.
struct ConvolutionOperation: FusingOperation {
    let label = "convolution"
    var window: SlidingWindow
    var groups: Int
    /// `window… × (input channels / groups) × outputs`.
    var kernel: Constant
    /// One for each output channel.
    var bias: Constant?
    var scales: [Float]?
    var fused: [FusedOperation] = []

    /// The kernel as oneDNN counts its axes: groups, outputs, inputs, window.
    private func kernelDimensions() -> (dimensions: [Int], strides: [Int]) {
        let shape = kernel.shape
        let strides = MemoryDescription.rowMajorStrides(shape)
        let rank = shape.count - 2
        let (inputs, outputs) = (shape[rank], shape[rank + 1] / groups)
        let plain = [outputs, inputs] + shape[..<rank]
        let plainStrides = [1, strides[rank]] + strides[..<rank]
        return groups == 1
            ? (plain, plainStrides) : ([groups] + plain, [outputs] + plainStrides)
    }

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let source = try MemoryDescription(channelsLast: shapes.inputs[0])
        let target = try MemoryDescription(channelsLast: shapes.outputs[0])
        let (dimensions, strides) = kernelDimensions()
        let stored = try MemoryDescription(dimensions: dimensions, strides: strides)
        let wanted = try MemoryDescription.any(dimensions)
        var operation = dnnl_convolution_desc_t()
        let status = withOptionalPointer(to: try biasDescription()) { bias in
            dnnl_dilated_convolution_forward_desc_init(
                &operation, dnnl_forward_inference, dnnl_convolution_direct, [source.raw],
                [wanted.raw], bias, [target.raw], window.strides.map(Int64.init),
                window.dilation.map { Int64($0 - 1) }, window.before.map(Int64.init),
                window.after.map(Int64.init))
        }
        try Engine.check(status, "a convolution of \(shapes.inputs[0]) by \(kernel.shape)")
        let (post, extra) = try postOperations(shapes) { input throws(ExecutionError) in
            try MemoryDescription.broadcast(
                shapes.inputs[input], channelsLast: shapes.outputs[0])
        }
        let primitive = try PrimitiveDescription(
            operation, try Attributes(post), "a convolution of \(shapes.inputs[0])")
        return try kernel(
            primitive, source: source, target: target, stored: stored,
            outputAxes: groups == 1 ? 1 : 2, extra: extra, arena: shapes.arena)
    }
}

/// Calls `body` with a pointer to the description, or with nil.
func withOptionalPointer<Result>(
    to description: MemoryDescription?,
    _ body: (UnsafePointer<dnnl_memory_desc_t>?) -> Result
) -> Result {
    guard let description else { return body(nil) }
    return withUnsafePointer(to: description.raw) { body($0) }
}

extension MemoryDescription {
    /// An operand that is broadcast over a channels-last tensor, in oneDNN's order of axes.
    static func broadcast(
        _ shape: [Int], channelsLast output: [Int]
    ) throws(ExecutionError) -> MemoryDescription {
        let padded = Array(repeating: 1, count: max(output.count - shape.count, 0)) + shape
        guard padded.count == output.count else {
            throw ExecutionError(.shape, "\(shape) does not broadcast to \(output)")
        }
        return try MemoryDescription(channelsLast: padded)
    }
}
