import ModelGraph

/// One operation of the engine on memory of its own, to be timed alone.
final class OperationProbe {
    private let kernel: any Kernel
    private let stream: Stream
    private let memory: UnsafeMutableRawBufferPointer
    private let threads: Int

    init(
        _ operation: any Operation, _ shapes: OperationShapes, threads: Int
    ) throws(ExecutionError) {
        Engine.use(threads: threads)
        kernel = try operation.kernel(shapes)
        stream = try Stream()
        self.threads = threads
        func byteCount(_ shape: [Int]) -> Int { (shape.reduce(4, *) + 63) / 64 * 64 }
        let inputs = shapes.inputs.map(byteCount)
        let outputs = shapes.outputs.map(byteCount)
        let total = (inputs + outputs).reduce(0, +) + kernel.scratchByteCount
        try MemoryPlan.requireFree(byteCount: total)
        memory = .allocate(byteCount: max(total, 64), alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        var next = memory.baseAddress
        func place(_ byteCount: Int) -> UnsafeMutableRawPointer? {
            defer { next = next.map { $0 + byteCount } }
            return next
        }
        let addresses = KernelAddresses(
            inputs: inputs.map(place), outputs: outputs.map(place), scratch: next)
        try kernel.bind(addresses)
    }

    deinit { memory.deallocate() }

    /// Microseconds of single runs.
    func latency(_ policy: RepetitionPolicy) throws(ExecutionError) -> LatencyStatistics {
        let clock = ContinuousClock()
        Engine.use(threads: threads)
        return try policy.repeating { () throws(ExecutionError) in
            let start = clock.now
            try kernel.run(on: stream)
            return start.duration(to: clock.now).microseconds
        }
    }
}

extension ConvolutionOperation {
    /// A convolution of small constant weights that keeps the size of its input.
    static func probe(window: Int, inputs: Int, outputs: Int) -> ConvolutionOperation {
        let border = Array(repeating: window / 2, count: 2)
        return ConvolutionOperation(
            window: SlidingWindow(
                size: [window, window], strides: [1, 1], dilation: [1, 1], before: border,
                after: border),
            groups: 1,
            kernel: Constant(
                Array(repeating: 0.01, count: window * window * inputs * outputs),
                shape: [window, window, inputs, outputs]),
            bias: Constant(Array(repeating: 0.01, count: outputs), shape: [outputs]))
    }
}
