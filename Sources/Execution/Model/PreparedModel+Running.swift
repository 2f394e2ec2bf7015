import COneDNN
package import ModelGraph
import Synchronization

/// How long one operation of a network took.
public struct OperationTiming: Sendable {
    /// The layers whose work it did, the main one first, then those fused into it.
    public var layers: [String]
    /// The nodes of the graph, in the order of ``layers``.
    package var nodes: [Int]
    /// The operation in a word: `convolution`.
    public var operation: String
    /// What ran: `jit:avx512_core`.
    public var implementation: String
    /// From its start to its end.
    public var duration: Duration
}

extension PreparedModel {
    /// Runs the network once.
    ///
    /// - Parameter inputs: in the order of the model's inputs, each of the shape in ``inputShapes``.
    /// - Returns: the model's outputs, in their order.
    /// - Throws: ``ExecutionError`` for shapes that do not fit.
    public func run(_ inputs: [Tensor]) throws(ExecutionError) -> [Tensor] {
        try locked { () throws(ExecutionError) in
            try write(inputs)
            try execute()
            return program.outputs.map(read)
        }
    }

    /// Runs the network once on memory of the caller, without allocating any.
    ///
    /// - Parameters:
    ///   - inputs: as many floats each as the shapes in ``inputShapes`` have elements, row-major.
    ///   - outputs: room for as many floats each as the shapes in ``outputShapes`` have elements.
    /// - Throws: ``ExecutionError`` for counts that do not fit; nothing is written then.
    public func run(
        _ inputs: [UnsafeBufferPointer<Float>], into outputs: [UnsafeMutableBufferPointer<Float>]
    ) throws(ExecutionError) {
        try check(outputs.map(\.count), outputShapes, "output")
        try locked { () throws(ExecutionError) in
            try check(inputs.map(\.count), inputShapes, "input")
            for (index, input) in inputs.enumerated() { try write(input, index) }
            try execute()
            for (index, output) in outputs.enumerated() {
                guard let source = addresses[program.outputs[index].index] else { continue }
                UnsafeMutableRawBufferPointer(output).copyMemory(
                    from: UnsafeRawBufferPointer(start: source, count: output.count * 4))
            }
        }
    }

    private func check(
        _ counts: [Int], _ shapes: [[Int]], _ what: String
    ) throws(ExecutionError) {
        guard counts.count == shapes.count else {
            throw ExecutionError(
                .shape, "\(counts.count) \(what)s are given, the network has \(shapes.count)")
        }
        for (index, shape) in shapes.enumerated() where counts[index] != shape.reduce(1, *) {
            throw ExecutionError(
                .shape,
                "\(what) \(index + 1) is prepared for \(shape), is given \(counts[index]) values")
        }
    }

    /// Runs the network once, and hands out the captured tensors too.
    package func capture(
        _ inputs: [Tensor]
    ) throws(ExecutionError) -> (outputs: [Tensor], captures: [TensorReference: Tensor]) {
        try locked { () throws(ExecutionError) in
            try write(inputs)
            try execute()
            let captures = zip(captured, program.captures).map { ($0, read($1)) }
            return (
                program.outputs.map(read),
                Dictionary(captures, uniquingKeysWith: { first, _ in first })
            )
        }
    }

    /// Runs the network once, and tells how long each operation took.
    public func time(
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

    private func execute() throws(ExecutionError) {
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
            let written = input.values.withUnsafeBufferPointer { buffer in
                Swift.Result { () throws(ExecutionError) in try write(buffer, index) }
            }
            try written.get()
        }
    }

    private func write(
        _ input: UnsafeBufferPointer<Float>, _ index: Int
    ) throws(ExecutionError) {
        if options.refusesNonFinite, let place = input.firstIndex(where: { !$0.isFinite }) {
            throw ExecutionError(
                .notFinite, "input \(index + 1) has \(input[place]) at element \(place)")
        }
        guard let source = input.baseAddress else { return }
        addresses[program.inputs[index].index]?.copyMemory(
            from: source, byteCount: input.count * 4)
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
