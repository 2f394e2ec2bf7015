/// An operation written in Swift, for what no library has.
struct SwiftOperation: Operation {
    let label: String
    var inPlaceInputs: [Int] = []
    /// Bytes of memory needed while it runs.
    var scratchByteCount = 0
    /// Does the work, given the shapes.
    var body: @Sendable (OperationShapes, KernelAddresses) throws(ExecutionError) -> Void

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let body = body
        return SwiftKernel(scratchByteCount: scratchByteCount) {
            addresses throws(ExecutionError) in
            try body(shapes, addresses)
        }
    }
}
