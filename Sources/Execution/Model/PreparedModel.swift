import COneDNN
public import ModelGraph
import Synchronization

// Safe to share between threads: what `run` changes is only touched under `lock`.
/// A network compiled for one input shape, one batch size and one number of threads.
///
/// Weights are packed once into the layouts that oneDNN wants; memory is planned once. It can be
/// shared between threads, but one run goes at a time: others wait. To run in parallel, give each thread a
/// ``replica()``, prepared for one thread.
public final class PreparedModel: @unchecked Sendable {
    /// The shapes that ``run(_:)`` takes, batch first.
    public let inputShapes: [[Int]]
    /// The shapes of the outputs, batch first.
    public let outputShapes: [[Int]]
    /// How the network was prepared.
    public let options: PreparationOptions
    /// Bytes of memory that activations take.
    public let activationByteCount: Int

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
    public convenience init(
        _ graph: ModelGraph, inputShapes: [[Int]]? = nil, batch: Int = 1,
        options: PreparationOptions = PreparationOptions()
    ) throws(ExecutionError) {
        let shapes = try PreparedModel.shapes(of: graph, given: inputShapes, batch: batch)
        var (program, values) = try ProgramBuilder.program(for: graph, shapes: shapes)
        let captured = options.captures.filter {
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
        let names = graph.nodes.map { graph.layers[$0.layer].name }
        // Packed weights are padded to whole vectors here and there.
        let arena = WeightArena(byteCount: weights.saturatingPlus(weights / 8))
        var kernels: [any Kernel] = []
        for step in program.steps {
            var shapes = program.shapes(of: step)
            shapes.arena = arena
            do throws(ExecutionError) {
                kernels.append(try step.operation.kernel(shapes))
            } catch { throw error.at(names[step.nodes[0]]) }
        }
        try self.init(
            program, kernels, layerNames: names, captured: captured, options: options)
    }

    /// Places the tensors of a compiled network.
    init(
        _ program: Program, _ kernels: [any Kernel], layerNames: [String],
        captured: [TensorReference], options: PreparationOptions
    ) throws(ExecutionError) {
        let plan = try MemoryPlan(program, scratchByteCounts: kernels.map(\.scratchByteCount))
        try MemoryPlan.requireFree(byteCount: plan.byteCount)
        memory = try PageBlock(byteCount: plan.byteCount)
        activationByteCount = plan.byteCount
        stream = try Stream()
        inputShapes = program.inputs.map { program.shape($0) }
        outputShapes = program.outputs.map { program.shape($0) }
        self.program = program
        self.kernels = kernels
        self.layerNames = layerNames
        self.captured = captured
        self.options = options
        let base = memory.bytes.baseAddress
        addresses = program.values.indices.map { index in
            let root = program.root(Value(index: index))
            if let constant = program.values[root.index].constant { return constant.address }
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

    /// The same network with memory of its own for activations, to be run beside this one by another thread.
    ///
    /// Compiled code and packed weights are shared, so this takes microseconds and ``activationByteCount`` bytes.
    ///
    /// - Throws: ``ExecutionError`` if memory does not suffice.
    public func replica() throws(ExecutionError) -> PreparedModel {
        try PreparedModel(
            program, kernels.map { $0.copy() }, layerNames: layerNames, captured: captured,
            options: options)
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
public struct PreparationOptions: Sendable {
    /// Threads that oneDNN may use.
    public var threads: Int
    /// Whether operations are folded, fused and run in place.
    public var optimizes: Bool
    /// Whether 3×3 convolutions go Winograd's way where that is faster.
    ///
    /// Their rounding errors are then some 10⁻⁶ of the output instead of 10⁻⁷.
    public var usesWinograd: Bool
    /// Tensors to hand out beside the outputs.
    ///
    /// They are then kept in memory to the end of each run.
    package var captures: [TensorReference]

    /// Whether inputs that are infinite or not a number are an error; if not, they go through.
    public var refusesNonFinite: Bool

    /// - Parameter threads: of oneDNN; counts below 1 mean 1.
    public init(
        threads: Int = 1, optimizes: Bool = true, usesWinograd: Bool = true,
        refusesNonFinite: Bool = false
    ) {
        self.init(
            threads: threads, optimizes: optimizes, usesWinograd: usesWinograd,
            refusesNonFinite: refusesNonFinite, captures: [])
    }

    package init(
        threads: Int = 1, optimizes: Bool = true, usesWinograd: Bool = true,
        refusesNonFinite: Bool = false, captures: [TensorReference]
    ) {
        self.refusesNonFinite = refusesNonFinite
        self.threads = max(threads, 1)
        self.optimizes = optimizes
        self.usesWinograd = usesWinograd
        self.captures = captures
    }
}
