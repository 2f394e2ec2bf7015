import COneDNN
package import ModelGraph
import Synchronization

/// How long one operation of a network took.
package struct OperationTiming: Sendable {
    /// The layers whose work it did, the main one first, then those fused into it.
    package var layers: [String]
    /// The nodes of the graph, in the order of ``layers``.
    package var nodes: [Int]
    /// The operation in a word: `convolution`.
    package var operation: String
    /// What ran: `jit:avx512_core`.
    package var implementation: String
    package var duration: Duration
}

extension PreparedModel {
    /// Runs the network once.
    ///
    /// - Parameter inputs: in the order of the model's inputs, each of the shape in ``inputShapes``.
    /// - Returns: the model's outputs, in their order.
    /// - Throws: ``ExecutionError`` for shapes that do not fit.
    package func run(_ inputs: [Tensor]) throws(ExecutionError) -> [Tensor] {
        try locked { () throws(ExecutionError) in
            try execute(inputs)
            return program.outputs.map(read)
        }
    }

    /// Runs the network once, and hands out the captured tensors too.
    package func capture(
        _ inputs: [Tensor]
    ) throws(ExecutionError) -> (outputs: [Tensor], captures: [TensorReference: Tensor]) {
        try locked { () throws(ExecutionError) in
            try execute(inputs)
            let captures = zip(captured, program.captures).map { ($0, read($1)) }
            return (
                program.outputs.map(read),
                Dictionary(captures, uniquingKeysWith: { first, _ in first })
            )
        }
    }

    /// Runs the network once, and tells how long each operation took.
    package func time(
        _ inputs: [Tensor]
    ) throws(ExecutionError) -> (outputs: [Tensor], timings: [OperationTiming]) {
        try locked { () throws(ExecutionError) in
            var timings: [OperationTiming] = []
            let clock = ContinuousClock()
            try write(inputs)
            Engine.use(threads: options.threads)
            for (step, kernel) in zip(program.steps, kernels) {
                let start = clock.now
                try run(kernel, step)
                timings.append(
                    OperationTiming(
                        layers: step.nodes.map { layerNames[$0] }, nodes: step.nodes,
                        operation: step.operation.label, implementation: kernel.implementation,
                        duration: start.duration(to: clock.now)))
            }
            return (program.outputs.map(read), timings)
        }
    }

    func locked<Result>(
        _ body: () throws(ExecutionError) -> Result
    ) throws(ExecutionError) -> Result {
        let outcome: Swift.Result<Result, ExecutionError> = lock.withLock { _ in
            do throws(ExecutionError) { return .success(try body()) } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func execute(_ inputs: [Tensor]) throws(ExecutionError) {
        try write(inputs)
        Engine.use(threads: options.threads)
        for (step, kernel) in zip(program.steps, kernels) { try run(kernel, step) }
    }

    func run(_ kernel: any Kernel, _ step: Step) throws(ExecutionError) {
        do throws(ExecutionError) {
            try kernel.run(on: stream)
        } catch { throw error.at(layerNames[step.nodes[0]]) }
    }

    func write(_ inputs: [Tensor]) throws(ExecutionError) {
        guard inputs.count == inputShapes.count else {
            throw ExecutionError(
                .shape, "\(inputs.count) inputs are given, the network takes \(inputShapes.count)")
        }
        for (index, input) in inputs.enumerated() {
            let shape = inputShapes[index]
            guard input.shape == shape, input.values.count == shape.reduce(1, *) else {
                throw ExecutionError(
                    .shape,
                    "input \(index + 1) is prepared for \(shape), is given \(input.values.count) values of shape \(input.shape)"
                )
            }
            input.values.withUnsafeBytes { bytes in
                guard let source = bytes.baseAddress else { return }
                addresses[program.inputs[index].index]?
                    .copyMemory(from: source, byteCount: bytes.count)
            }
        }
    }

    private func read(_ value: Value) -> Tensor {
        let shape = program.shape(value)
        let count = shape.reduce(1, *)
        guard let address = addresses[value.index] else { return Tensor(shape: shape) }
        let source = UnsafeBufferPointer(
            start: address.assumingMemoryBound(to: Float.self), count: count)
        return Tensor(shape: shape, values: Array(source))
    }
}
