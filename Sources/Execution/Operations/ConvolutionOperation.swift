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
    /// Blocked images go Winograd's way where that is faster.
    var layout = TensorLayout.channelsLast

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

    /// Whether each output channel sees one input channel, in order.
    var isDepthwise: Bool {
        groups > 1 && kernel.shape[kernel.shape.count - 2] == 1 && kernel.shape.last == groups
    }

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let layout = allowsBlocks(shapes) ? layout : .channelsLast
        let source = try MemoryDescription(image: shapes.inputs[0], layout)
        let target = try MemoryDescription(image: shapes.outputs[0], layout)
        let (dimensions, strides) = kernelDimensions()
        let stored = try MemoryDescription(dimensions: dimensions, strides: strides)
        let wanted = try MemoryDescription.any(dimensions)
        let (post, extra) = try postOperations(shapes) { input throws(ExecutionError) in
            try MemoryDescription.broadcast(
                shapes.inputs[input], channelsLast: shapes.outputs[0])
        }
        let bias = try biasDescription()
        func description(_ algorithm: dnnl_alg_kind_t) throws(ExecutionError)
            -> PrimitiveDescription
        {
            var operation = dnnl_convolution_desc_t()
            let status = withOptionalPointer(to: bias) { bias in
                dnnl_dilated_convolution_forward_desc_init(
                    &operation, dnnl_forward_inference, algorithm, [source.raw],
                    [wanted.raw], bias, [target.raw], window.strides.map(Int64.init),
                    window.dilation.map { Int64($0 - 1) }, window.before.map(Int64.init),
                    window.after.map(Int64.init))
            }
            let what = "a convolution of \(shapes.inputs[0]) by \(kernel.shape)"
            try Engine.check(status, what)
            // oneDNN's first choice for depthwise convolutions is the slower one by a tenth to a third.
            return try PrimitiveDescription(
                operation, try Attributes(post), what, preferred: isDepthwise ? "jit_dw" : "")
        }
        // oneDNN has Winograd's way for some processors and sizes only.
        let isWinograd = layout == .blocked && gain(shapes) > 0
        let fast = isWinograd ? try? description(dnnl_convolution_winograd) : nil
        let primitive: PrimitiveDescription
        if let fast {
            primitive = fast
        } else {
            primitive = try description(dnnl_convolution_direct)
        }
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
