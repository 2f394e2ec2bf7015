import ModelGraph

/// Convolutions: plain, grouped, depthwise, separable.
enum ConvolutionRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(Convolution.self, convolution),
            LoweringRule(DepthwiseConvolution.self, depthwise),
            LoweringRule(SeparableConvolution.self, separable),
            LoweringRule(TransposedConvolution.self, transposed),
        ]
    }

    private static func convolution(
        _ definition: Convolution, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try builder.channelsLast(try site.input(), definition.window.format)
        let output = try builder.convolution(
            input,
            ConvolutionOperation(
                window: try definition.window.sliding(over: builder.shape(input)),
                groups: definition.groups, kernel: try site.weight("kernel"),
                bias: definition.usesBias
                    ? try site.weight("bias", shape: [definition.filters]) : nil))
        return try builder.finish(output, definition.activation, definition.window.format)
    }

    private static func depthwise(
        _ definition: DepthwiseConvolution, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try builder.channelsLast(try site.input(), definition.window.format)
        let output = try builder.depthwise(
            input, definition.window, kernel: try site.weight("depthwise_kernel"),
            bias: definition.usesBias ? try site.weight("bias") : nil)
        return try builder.finish(output, definition.activation, definition.window.format)
    }

    private static func separable(
        _ definition: SeparableConvolution, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try builder.channelsLast(try site.input(), definition.window.format)
        let middle = try builder.depthwise(
            input, definition.window, kernel: try site.weight("depthwise_kernel"), bias: nil)
        let output = try builder.convolution(
            middle,
            ConvolutionOperation(
                window: SlidingWindow(pointwise: definition.window.rank), groups: 1,
                kernel: try site.weight("pointwise_kernel"),
                bias: definition.usesBias
                    ? try site.weight("bias", shape: [definition.filters]) : nil))
        return try builder.finish(output, definition.activation, definition.window.format)
    }

    private static func transposed(
        _ definition: TransposedConvolution, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try builder.channelsLast(try site.input(), definition.window.format)
        let shape = builder.shape(input)
        let window = definition.window
        guard shape.count == window.rank + 2 else {
            throw ExecutionError(.shape, "takes a tensor of rank \(window.rank + 2)")
        }
        var sliding = SlidingWindow(
            size: window.size, strides: window.strides, dilation: window.dilation,
            before: Array(repeating: 0, count: window.rank),
            after: Array(repeating: 0, count: window.rank))
        // Positions that no window reaches, behind the last one; they hold the bias alone.
        var missing = Array(repeating: 0, count: window.rank + 2)
        var lengths: [Int] = []
        for axis in 0..<window.rank {
            let length = shape[axis + 1]
            let spread = (length - 1) * window.strides[axis]
            let wanted = try definition.length(of: length, axis: axis)
            let total = spread + sliding.reach(axis) - wanted
            // TensorFlow's 'same': the border of the convolution that this is the gradient of.
            sliding.before[axis] = window.padding == .same ? max(total, 0) / 2 : 0
            sliding.after[axis] = max(total, 0) - sliding.before[axis]
            missing[axis + 1] = max(-total, 0)
            lengths.append(min(wanted, spread + sliding.reach(axis)))
        }
        var output = try builder.append(
            DeconvolutionOperation(window: sliding, kernel: try site.weight("kernel")), [input],
            [shape[0]] + lengths + [definition.filters])
        output = try builder.pad(
            output, before: Array(repeating: 0, count: missing.count), after: missing)
        if definition.usesBias {
            let bias = try site.weight("bias", shape: [definition.filters])
            output = try builder.binary(.add, output, builder.constant(bias))
        }
        return try builder.finish(output, definition.activation, window.format)
    }
}

extension TransposedConvolution {
    /// The length of the output along a spatial axis.
    fileprivate func length(of length: Int, axis: Int) throws(ExecutionError) -> Int {
        var shape = Shape(Array(repeating: 1, count: window.rank + 2))
        let spatial = window.format.spatialAxes(rank: window.rank + 2)
        for axis in spatial { shape[axis] = length }
        guard let output = try? outputs(of: LayerCall(inputs: [shape])).first,
            let result = output[spatial.lowerBound + axis]
        else { throw ExecutionError(.shape, "the size of its output is not known") }
        return result
    }
}

extension ProgramBuilder {
    /// A convolution of each channel by itself; kernel: `window… × channels × multiplier`.
    mutating func depthwise(
        _ input: Value, _ window: Window, kernel: Constant, bias: Constant?
    ) throws(ExecutionError) -> Value {
        let shape = kernel.shape
        let rank = window.rank
        guard shape.count == rank + 2 else {
            throw ExecutionError(.weight, "a depthwise kernel of shape \(shape) does not fit")
        }
        // Output channel `i * multiplier + j` comes from input channel `i`, as in a grouped kernel.
        let (outputs, overflow) = shape[rank].multipliedReportingOverflow(by: shape[rank + 1])
        guard !overflow else { throw ExecutionError(.weight, "the kernel is too large") }
        return try convolution(
            input,
            ConvolutionOperation(
                window: try window.sliding(over: self.shape(input)), groups: shape[rank],
                kernel: kernel.reshaped(shape[..<rank] + [1, outputs]), bias: bias))
    }
}

extension ProgramBuilder {
    /// The tensor with its channels last.
    mutating func channelsLast(
        _ input: Value, _ format: DataFormat
    ) throws(ExecutionError) -> Value {
        let rank = shape(input).count
        guard format == .channelsFirst, rank > 2 else { return input }
        return try transpose(input, [0] + Array(2..<rank) + [1])
    }

    /// A channels-last tensor as the layer's data format wants it.
    mutating func stored(
        _ value: Value, _ format: DataFormat
    ) throws(ExecutionError) -> Value {
        let rank = shape(value).count
        guard format == .channelsFirst, rank > 2 else { return value }
        return try transpose(value, [0, rank - 1] + Array(1..<(rank - 1)))
    }

    /// The activation, and then the layer's data format.
    mutating func finish(
        _ value: Value, _ activation: ActivationFunction, _ format: DataFormat
    ) throws(ExecutionError) -> Value {
        // A softmax counts axes in the layer's own order.
        if format == .channelsFirst, !activation.isElementWise {
            return try self.activation(activation, try stored(value, format))
        }
        return try stored(try self.activation(activation, value), format)
    }
}

extension Window {
    /// The window with its border over a channels-last tensor.
    ///
    /// 'same' puts the odd element behind, as TensorFlow does.
    func sliding(over shape: [Int]) throws(ExecutionError) -> SlidingWindow {
        guard shape.count == rank + 2 else {
            throw ExecutionError(.shape, "takes a tensor of rank \(rank + 2), is given \(shape)")
        }
        var window = SlidingWindow(
            size: size, strides: strides, dilation: dilation,
            before: Array(repeating: 0, count: rank), after: Array(repeating: 0, count: rank))
        for axis in 0..<rank {
            let length = shape[axis + 1]
            switch padding {
            case .valid: break
            case .causal: window.before[axis] = window.reach(axis) - 1
            case .same:
                let positions = (length + strides[axis] - 1) / strides[axis]
                let total = max(
                    (positions - 1) * strides[axis] + window.reach(axis) - length, 0)
                window.before[axis] = total / 2
                window.after[axis] = total - total / 2
            }
        }
        return window
    }
}
