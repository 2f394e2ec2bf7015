import COneDNN

/// Where a kernel finds its tensors.
struct KernelAddresses {
    var inputs: [UnsafeMutableRawPointer?]
    var outputs: [UnsafeMutableRawPointer?]
    /// At least ``Kernel/scratchByteCount`` bytes, aligned to 64.
    var scratch: UnsafeMutableRawPointer?
}

/// An operation compiled for given shapes.
protocol Kernel: AnyObject {
    /// Bytes of memory that it needs while it runs.
    var scratchByteCount: Int { get }

    /// What runs, in the words of whoever made it: `jit:avx512_core`.
    var implementation: String { get }

    /// Tells where its tensors are from now on.
    func bind(_ addresses: KernelAddresses) throws(ExecutionError)

    func run(on stream: Stream) throws(ExecutionError)

    /// The same kernel for tensors that stand elsewhere; compiled code and packed weights are shared.
    func copy() -> any Kernel
}

extension Kernel {
    /// Runs it at once, with scratch memory of its own.
    func runOnce(inputs: [Constant], outputs: [Constant]) throws(ExecutionError) {
        let scratch = UnsafeMutableRawPointer.allocate(
            byteCount: max(scratchByteCount, 1), alignment: 64)
        defer {
            scratch.deallocate()
            // Addresses do not keep alive what they point at.
            withExtendedLifetime((inputs, outputs)) {}
        }
        try bind(
            KernelAddresses(
                inputs: inputs.map(\.address), outputs: outputs.map(\.address), scratch: scratch))
        try run(on: try Stream())
    }
}

/// A kernel written in Swift.
final class SwiftKernel: Kernel {
    let scratchByteCount: Int
    let implementation = "swift"
    private let body: (KernelAddresses) throws(ExecutionError) -> Void
    private var addresses = KernelAddresses(inputs: [], outputs: [])

    init(
        scratchByteCount: Int = 0,
        _ body: @escaping (KernelAddresses) throws(ExecutionError) -> Void
    ) {
        self.scratchByteCount = scratchByteCount
        self.body = body
    }

    func bind(_ addresses: KernelAddresses) { self.addresses = addresses }

    func run(on stream: Stream) throws(ExecutionError) { try body(addresses) }

    func copy() -> any Kernel { SwiftKernel(scratchByteCount: scratchByteCount, body) }
}

/// A kernel that does nothing: what it would copy already is where it belongs.
final class EmptyKernel: Kernel {
    let scratchByteCount = 0
    let implementation = "none"
    func bind(_ addresses: KernelAddresses) {}
    func run(on stream: Stream) {}
    func copy() -> any Kernel { EmptyKernel() }
}

extension KernelAddresses {
    /// The floats of an input.
    func input(_ index: Int, count: Int) throws(ExecutionError) -> UnsafeBufferPointer<Float> {
        guard inputs.indices.contains(index), let address = inputs[index] else {
            throw ExecutionError(.library, "an operation has no input \(index)")
        }
        return UnsafeBufferPointer(start: address.assumingMemoryBound(to: Float.self), count: count)
    }

    /// The floats of an output.
    func output(_ index: Int, count: Int) throws(ExecutionError)
        -> UnsafeMutableBufferPointer<Float>
    {
        guard outputs.indices.contains(index), let address = outputs[index] else {
            throw ExecutionError(.library, "an operation has no output \(index)")
        }
        return UnsafeMutableBufferPointer(
            start: address.assumingMemoryBound(to: Float.self), count: count)
    }
}
