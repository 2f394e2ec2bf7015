import COneDNN

/// One tensor that a primitive is run with.
struct KernelArgument {
    enum Source {
        case input(Int), output(Int), constant(Constant)
    }

    /// oneDNN's number of the argument.
    var number: Int32
    var description: MemoryDescription
    var source: Source
    /// Bytes that the tensor moves on from one call to the next, where the primitive is run several times.
    var stride: Int
    /// Bytes from the start of the source to the tensor.
    var offset: Int

    init(
        _ number: Int32, _ description: MemoryDescription, _ source: Source, stride: Int = 0,
        offset: Int = 0
    ) {
        self.number = number
        self.description = description
        self.source = source
        self.stride = stride
        self.offset = offset
    }
}

/// A kernel that runs a primitive of oneDNN, once or along an axis that the primitive does not know.
final class PrimitiveKernel: Kernel {
    let scratchByteCount: Int
    let implementation: String
    private let primitive: Primitive
    private let arguments: [KernelArgument]
    private let scratch: MemoryDescription?
    private let repetitions: Int
    private var calls: [[dnnl_exec_arg_t]] = []
    // Keeps alive what `calls` refers to.
    private var memories: [Memory] = []

    init(
        _ description: PrimitiveDescription, _ arguments: [KernelArgument], repetitions: Int = 1
    ) throws(ExecutionError) {
        primitive = try Primitive(description)
        implementation = description.implementation
        scratchByteCount = description.scratchByteCount
        scratch = scratchByteCount > 0 ? description.scratch : nil
        self.arguments = arguments
        self.repetitions = repetitions
    }

    private init(copying other: PrimitiveKernel) {
        scratchByteCount = other.scratchByteCount
        implementation = other.implementation
        primitive = other.primitive
        arguments = other.arguments
        scratch = other.scratch
        repetitions = other.repetitions
    }

    func copy() -> any Kernel { PrimitiveKernel(copying: self) }

    func bind(_ addresses: KernelAddresses) throws(ExecutionError) {
        calls = []
        memories = []
        for repetition in 0..<repetitions {
            var call: [dnnl_exec_arg_t] = []
            for argument in arguments {
                let base: UnsafeMutableRawPointer? =
                    switch argument.source {
                    case .input(let index): addresses.inputs[index]
                    case .output(let index): addresses.outputs[index]
                    case .constant(let constant): constant.address
                    }
                let memory = try Memory(
                    argument.description,
                    at: base.map { $0 + argument.offset + repetition * argument.stride })
                memories.append(memory)
                call.append(dnnl_exec_arg_t(arg: argument.number, memory: memory.handle))
            }
            if let scratch {
                let memory = try Memory(scratch, at: addresses.scratch)
                memories.append(memory)
                call.append(
                    dnnl_exec_arg_t(arg: espalier_dnnl_scratchpad, memory: memory.handle))
            }
            calls.append(call)
        }
    }

    func run(on stream: Stream) throws(ExecutionError) {
        for call in calls { try primitive.execute(call, on: stream) }
    }
}
