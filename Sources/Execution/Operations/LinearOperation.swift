/// An operation with a kernel and a bias, into which a scale and a shift of its outputs can go.
protocol LinearOperation: FusingOperation {
    var kernel: Constant { get set }
    var bias: Constant? { get set }
    var outputChannels: Int { get }
    /// The axis of the kernel that the outputs stand on.
    var outputAxis: Int { get }
}

extension LinearOperation {
    /// Multiplies every output channel by its factor; one factor stands for all.
    mutating func scale(by factors: [Float]) throws(ExecutionError) {
        let factors = spread(factors)
        kernel = try kernel.scaled(by: factors, axis: outputAxis)
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
}

extension ConvolutionOperation: LinearOperation {
    var outputChannels: Int { kernel.shape.last ?? 0 }
    var outputAxis: Int { kernel.shape.count - 1 }
}

extension DenseOperation: LinearOperation {
    var outputChannels: Int { kernel.shape[1] }
    var outputAxis: Int { 1 }
}

extension DeconvolutionOperation: LinearOperation {
    var outputChannels: Int { kernel.shape[kernel.shape.count - 2] }
    var outputAxis: Int { kernel.shape.count - 2 }
}
