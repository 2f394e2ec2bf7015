import COneDNN

/// An operation with a kernel and a bias, into which a scale and a shift of its outputs can go.
protocol LinearOperation: FusingOperation {
    var kernel: Constant { get }
    var bias: Constant? { get set }
    /// Factors of the kernel's outputs, one each, applied when the kernel is packed; nil for none.
    var scales: [Float]? { get set }
    var outputChannels: Int { get }
}

extension LinearOperation {
    /// Multiplies every output channel by its factor; one factor stands for all.
    mutating func scale(by factors: [Float]) {
        let factors = spread(factors)
        scales = scales.map { zip($0, factors).map { $0 * $1 } } ?? factors
        if let bias {
            self.bias = Constant(zip(bias.floats(), factors).map { $0 * $1 }, shape: bias.shape)
        }
    }

    /// Adds to every output channel its number; one number stands for all.
    mutating func shift(by numbers: [Float]) {
        let numbers = spread(numbers)
        let bias = bias?.floats() ?? Array(repeating: 0, count: outputChannels)
        self.bias = Constant(zip(bias, numbers).map { $0 + $1 }, shape: [outputChannels])
    }

    private func spread(_ numbers: [Float]) -> [Float] {
        numbers.count == 1 ? Array(repeating: numbers[0], count: outputChannels) : numbers
    }

    /// The bias as oneDNN sees it.
    func biasDescription() throws(ExecutionError) -> MemoryDescription? {
        guard let bias else { return nil }
        return try MemoryDescription(bias.shape)
    }

    /// Packs kernel and bias for a primitive.
    ///
    /// - Parameters:
    ///   - stored: how the kernel stands now, in oneDNN's order of axes: groups, if there are any, then outputs.
    ///   - outputAxes: how many of its first axes count outputs.
    ///   - extra: what post-operations take.
    func kernel(
        _ primitive: PrimitiveDescription, source: MemoryDescription, target: MemoryDescription,
        stored: MemoryDescription, outputAxes: Int = 1, extra: [KernelArgument],
        arena: WeightArena?
    ) throws(ExecutionError) -> any Kernel {
        let layout = try primitive.memory(dnnl_query_weights_md)
        let scales = scales.map {
            OutputScales(factors: $0, mask: outputAxes == 1 ? 1 : 3)
        }
        let packed = try kernel.packed(from: stored, to: layout, scales: scales, in: arena)
        var arguments = [
            KernelArgument(espalier_dnnl_src, source, .input(0)),
            KernelArgument(espalier_dnnl_weights, layout, .constant(packed)),
            KernelArgument(espalier_dnnl_dst, target, .output(0)),
        ]
        if let bias, let description = try biasDescription() {
            arguments.append(KernelArgument(espalier_dnnl_bias, description, .constant(bias)))
        }
        return try PrimitiveKernel(primitive, arguments + extra)
    }
}

extension ConvolutionOperation: LinearOperation {
    var outputChannels: Int { kernel.shape.last ?? 0 }
}

extension DenseOperation: LinearOperation {
    var outputChannels: Int { kernel.shape[1] }
}

extension DeconvolutionOperation: LinearOperation {
    var outputChannels: Int { kernel.shape[kernel.shape.count - 2] }
}
