import COneDNN

/// An element-wise function.
struct FunctionOperation: Operation {
    let label = "function"
    var function: ElementwiseFunction
    var layout = TensorLayout.channelsLast
    var inPlaceInputs: [Int] { [0] }

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let description = try MemoryDescription([shapes.outputs[0].reduce(1, *)])
        var operation = dnnl_eltwise_desc_t()
        try Engine.check(
            dnnl_eltwise_forward_desc_init(
                &operation, dnnl_forward_inference, function.algorithm, [description.raw],
                function.alpha, function.beta), "an element-wise function")
        let primitive = try PrimitiveDescription(
            operation, try Attributes(), "an element-wise function")
        return try PrimitiveKernel(
            primitive,
            [
                KernelArgument(espalier_dnnl_src, description, .input(0)),
                KernelArgument(espalier_dnnl_dst, description, .output(0)),
            ])
    }
}

extension ElementwiseFunction {
    static let relu = ElementwiseFunction(algorithm: dnnl_eltwise_relu)
    static let sigmoid = ElementwiseFunction(algorithm: dnnl_eltwise_logistic)
    static let tanh = ElementwiseFunction(algorithm: dnnl_eltwise_tanh)
    static let exponential = ElementwiseFunction(algorithm: dnnl_eltwise_exp)
    static let square = ElementwiseFunction(algorithm: dnnl_eltwise_square)
    static let absolute = ElementwiseFunction(algorithm: dnnl_eltwise_abs)

    /// `slope × x` below zero.
    static func leakyRelu(slope: Float) -> ElementwiseFunction {
        ElementwiseFunction(algorithm: dnnl_eltwise_relu, alpha: slope)
    }

    static func clip(from minimum: Float, to maximum: Float) -> ElementwiseFunction {
        ElementwiseFunction(algorithm: dnnl_eltwise_clip, alpha: minimum, beta: maximum)
    }

    /// The function `scale × x + shift`.
    static func linear(scale: Float, shift: Float = 0) -> ElementwiseFunction {
        ElementwiseFunction(algorithm: dnnl_eltwise_linear, alpha: scale, beta: shift)
    }

    /// The function `scale × x ^ exponent`.
    static func power(_ exponent: Float, scale: Float = 1) -> ElementwiseFunction {
        ElementwiseFunction(algorithm: dnnl_eltwise_pow, alpha: scale, beta: exponent)
    }
}
