import COneDNN
package import ModelGraph
import Synchronization

/// A network compiled for one input shape, one batch size and one number of threads.
///
/// Weights are packed once into the layouts that oneDNN wants; memory is planned once. It can be
/// shared between threads, but one run goes at a time: others wait. To run in parallel, prepare one
/// model for each thread, with one thread of its own.
// Safe to share between threads: what `run` changes is only touched under `lock`.
package final class PreparedModel: @unchecked Sendable {
    /// The shapes that ``run(_:)`` takes, batch first.
    package let inputShapes: [[Int]]
    package let outputShapes: [[Int]]
    package let options: PreparationOptions
    /// Bytes of memory that activations take.
    package let activationByteCount: Int

    let program: Program
    let kernels: [any Kernel]
    let layerNames: [String]
    let captured: [TensorReference]
    let memory: PageBlock
    let addresses: [UnsafeMutableRawPointer?]
    let stream: Stream
    let lock = Mutex(())

    /// Compiles a network.
    ///
    /// - Parameters:
    ///   - inputShapes: the shape of each input with its batch, where the model does not tell or another is
    ///     wanted; nil takes the model's own.
    ///   - batch: samples in one run; fills in the unknown first dimension of every input.
    /// - Throws: ``ExecutionError`` naming the layer that cannot be run, or saying that memory does not suffice.
    package init(
        _ graph: ModelGraph, inputShapes: [[Int]]? = nil, batch: Int = 1,
        options: PreparationOptions = PreparationOptions()
    ) throws(ExecutionError) {
        let shapes = try PreparedModel.shapes(of: graph, given: inputShapes, batch: batch)
        var (program, values) = try ProgramBuilder.program(for: graph, shapes: shapes)
        captured = options.captures.filter {
            values.indices.contains($0.node) && values[$0.node].indices.contains($0.output)
        }
        program.captures = captured.map { values[$0.node][$0.output] }
        if options.optimizes { try program.optimize(usesWinograd: options.usesWinograd) }

        // Said before anything large is allocated: packed weights, and activations without scratch memory.
        let weights = graph.layers.reduce(0) { sum, layer in
            layer.weights.reduce(sum) { $0.saturatingPlus($1.elementCount.saturatingTimes(4)) }
        }
        let least = try MemoryPlan(program, scratchByteCounts: []).byteCount
        try MemoryPlan.requireFree(byteCount: least.saturatingPlus(weights))

        Engine.use(threads: options.threads)
        // Packed weights are padded to whole vectors here and there.
        let arena = WeightArena(byteCount: weights.saturatingPlus(weights / 8))
        layerNames = graph.nodes.map { graph.layers[$0.layer].name }
        var kernels: [any Kernel] = []
        for step in program.steps {
            let shapes = OperationShapes(
                inputs: step.inputs.map { program.shape($0) },
                outputs: step.outputs.map { program.shape($0) }, arena: arena)
            do throws(ExecutionError) {
                kernels.append(try step.operation.kernel(shapes))
            } catch { throw error.at(layerNames[step.nodes[0]]) }
        }
        let plan = try MemoryPlan(program, scratchByteCounts: kernels.map(\.scratchByteCount))
        try MemoryPlan.requireFree(byteCount: plan.byteCount)
        memory = try PageBlock(byteCount: plan.byteCount)
        activationByteCount = plan.byteCount
        stream = try Stream()
        self.inputShapes = program.inputs.map { program.shape($0) }
        outputShapes = program.outputs.map { program.shape($0) }
        self.program = program
        self.kernels = kernels
        self.options = options
        let base = memory.bytes.baseAddress
        let places = program
        addresses = program.values.indices.map { index in
            let root = places.root(Value(index: index))
            if let constant = places.values[root.index].constant { return constant.address }
            return plan.offsets[root.index].flatMap { offset in base.map { $0 + offset } }
        }
        for (index, step) in program.steps.enumerated() {
            try kernels[index].bind(
                KernelAddresses(
                    inputs: step.inputs.map { addresses[$0.index] },
                    outputs: step.outputs.map { addresses[$0.index] },
                    scratch: base.map { $0 + plan.scratchOffsets[index] }))
        }
    }

    /// The shape of every tensor with the batch and the given input shapes filled in.
    private static func shapes(
        of graph: ModelGraph, given: [[Int]]?, batch: Int
    ) throws(ExecutionError) -> TensorShapes {
        guard batch > 0 else { throw ExecutionError(.shape, "the batch must not be empty") }
        do throws(GraphError) {
            var inputs: [Shape]
            if let given {
                guard given.count == graph.inputs.count else {
                    throw GraphError(
                        .shape,
                        "\(given.count) input shapes are given, there are \(graph.inputs.count) inputs"
                    )
                }
                inputs = given.map { Shape($0) }
            } else {
                let shapes = try graph.inferShapes()
                inputs = graph.inputs.map { shapes[$0] }
            }
            for index in inputs.indices
            where inputs[index].rank > 0 && (given == nil && inputs[index][0] == nil) {
                inputs[index][0] = batch
            }
            return try graph.inferShapes(inputs: inputs)
        } catch {
            throw ExecutionError(
                error.code == .unsupported ? .unsupported : .shape, layer: error.layer, error.reason
            )
        }
    }
}

/// How a network is prepared.
package struct PreparationOptions: Sendable {
    /// Threads that oneDNN may use.
    package var threads: Int
    /// Whether operations are folded, fused and run in place.
    package var optimizes: Bool
    /// Whether 3×3 convolutions go Winograd's way where that is faster.
    ///
    /// Their rounding errors are then some 10⁻⁶ of the output instead of 10⁻⁷.
    package var usesWinograd: Bool
    /// Tensors to hand out beside the outputs.
    ///
    /// They are then kept in memory to the end of each run.
    package var captures: [TensorReference]

    package init(
        threads: Int = 1, optimizes: Bool = true, usesWinograd: Bool = true,
        captures: [TensorReference] = []
    ) {
        self.threads = max(threads, 1)
        self.optimizes = optimizes
        self.usesWinograd = usesWinograd
        self.captures = captures
    }
}
