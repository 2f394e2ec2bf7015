import COneDNN
import ModelGraph

extension ProgramBuilder {
    /// Applies an activation function.
    mutating func activation(
        _ activation: ActivationFunction, _ input: Value
    ) throws(ExecutionError) -> Value {
        switch activation {
        case .linear: return input
        case .relu(let maximum, let slope, let threshold):
            return try relu(input, maximum: maximum, slope: slope, threshold: threshold)
        case .sigmoid: return try function(.sigmoid, input)
        case .tanh: return try function(.tanh, input)
        case .softplus:
            return try function(ElementwiseFunction(algorithm: dnnl_eltwise_soft_relu), input)
        case .exponential: return try function(.exponential, input)
        case .mish:
            return try function(ElementwiseFunction(algorithm: dnnl_eltwise_mish), input)
        case .silu:
            return try function(
                ElementwiseFunction(algorithm: dnnl_eltwise_swish, alpha: 1), input)
        case .gelu(let approximate):
            return try function(
                ElementwiseFunction(
                    algorithm: approximate ? dnnl_eltwise_gelu_tanh : dnnl_eltwise_gelu_erf), input)
        case .elu(let alpha):
            return try function(
                ElementwiseFunction(algorithm: dnnl_eltwise_elu, alpha: alpha), input)
        case .selu:
            let elu = try function(
                ElementwiseFunction(algorithm: dnnl_eltwise_elu, alpha: 1.6732632423543772), input)
            return try function(.linear(scale: 1.0507009873554805), elu)
        case .hardSigmoid:
            let line = try function(.linear(scale: 1 / 6, shift: 0.5), input)
            return try function(.clip(from: 0, to: 1), line)
        case .oldHardSigmoid:
            let line = try function(.linear(scale: 0.2, shift: 0.5), input)
            return try function(.clip(from: 0, to: 1), line)
        case .hardSilu:
            return try function(ElementwiseFunction(algorithm: dnnl_eltwise_hardswish), input)
        case .hardTanh: return try function(.clip(from: -1, to: 1), input)
        case .logSigmoid:
            return try function(ElementwiseFunction(algorithm: dnnl_eltwise_logsigmoid), input)
        case .softsign, .celu, .hardShrink, .softShrink, .tanhShrink, .threshold, .sparsePlus,
            .sparseSigmoid, .squareplus:
            return try elementByElement(input, "function") { activation($0) }
        case .softmax(let number), .logSoftmax(let number), .sparsemax(let number),
            .glu(let number):
            return try alongAxis(activation, number, input)
        }
    }

    /// A function over all elements along one axis.
    private mutating func alongAxis(
        _ activation: ActivationFunction, _ number: Int, _ input: Value
    ) throws(ExecutionError) -> Value {
        let shape = self.shape(input)
        let axis = try self.axis(number, of: input)
        switch activation {
        case .softmax: return try softmax(input, axis: axis)
        case .logSoftmax: return try softmax(input, axis: axis, isLogarithmic: true)
        case .glu:
            let half = shape[axis] / 2
            let gate = try slice(input, axis: axis, half..<2 * half)
            return try binary(
                .multiply, try slice(input, axis: axis, 0..<half), try function(.sigmoid, gate))
        default:
            let (length, after) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
            let before = shape[..<axis].reduce(1, *)
            return try append(
                SwiftOperation(label: "function") { _, addresses throws(ExecutionError) in
                    let source = try addresses.input(0, count: before * length * after)
                    let target = try addresses.output(0, count: before * length * after)
                    for outer in 0..<before {
                        for inner in 0..<after {
                            let start = outer * length * after + inner
                            let values = activation((0..<length).map { source[start + $0 * after] })
                            for index in 0..<length {
                                target[start + index * after] = values[index]
                            }
                        }
                    }
                }, [input], shape)
        }
    }

    /// The axis that a Keras axis number names.
    func axis(_ number: Int, of value: Value) throws(ExecutionError) -> Int {
        let shape = self.shape(value)
        let axis = number < 0 ? number + shape.count : number
        guard shape.indices.contains(axis) else {
            throw ExecutionError(.shape, "there is no axis \(number) in \(shape)")
        }
        return axis
    }

    private mutating func relu(
        _ input: Value, maximum: Float?, slope: Float, threshold: Float
    ) throws(ExecutionError) -> Value {
        if threshold == 0, slope == 0 {
            guard let maximum else { return try function(.relu, input) }
            return try function(.clip(from: 0, to: maximum), input)
        }
        if threshold == 0, maximum == nil {
            return try function(.leakyRelu(slope: slope), input)
        }
        let activation = ActivationFunction.relu(
            maximum: maximum, negativeSlope: slope, threshold: threshold)
        return try elementByElement(input, "relu") { activation($0) }
    }

    /// A function that oneDNN does not have.
    mutating func elementByElement(
        _ input: Value, _ label: String, _ body: @escaping @Sendable (Float) -> Float
    ) throws(ExecutionError) -> Value {
        try append(
            SwiftOperation(label: label, inPlaceInputs: [0]) {
                shapes, addresses throws(ExecutionError) in
                let count = shapes.outputs[0].reduce(1, *)
                let source = try addresses.input(0, count: count)
                let target = try addresses.output(0, count: count)
                for index in 0..<count { target[index] = body(source[index]) }
            }, [input], shape(input))
    }
}
