import COneDNN

/// The shapes of what goes into an operation and what comes out.
struct OperationShapes {
    var inputs: [[Int]]
    var outputs: [[Int]]
    /// Where weights are packed; nil for memory of their own.
    var arena: WeightArena?
}

/// One thing that the engine can compute.
///
/// How it is computed is decided for given shapes.
protocol Operation: Sendable {
    /// The operation in a word, for the timing lists: `convolution`.
    var label: String { get }

    /// Positions of inputs whose memory the first output may take, each of the output's size.
    var inPlaceInputs: [Int] { get }

    /// Compiles the operation.
    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel
}

extension Operation {
    var inPlaceInputs: [Int] { [] }
}

/// What an operation does to its result before it stores it.
enum FusedOperation: Sendable, Hashable {
    case function(ElementwiseFunction)
    /// Adds the input at that position, whose memory the output takes over.
    case sum(input: Int)
    /// Combines with the input at that position, which is broadcast.
    case binary(BinaryFunction, input: Int)
}

/// An operation that can take simple operations on its result along.
protocol FusingOperation: Operation {
    var fused: [FusedOperation] { get set }

    /// Whether it can take along one more.
    func accepts(_ operation: FusedOperation) -> Bool
}

extension FusingOperation {
    func accepts(_ operation: FusedOperation) -> Bool { isNew(operation) }

    /// Whether no operation of the kind is fused yet.
    ///
    /// One sum is all that the memory of the output can hold. And oneDNN 2.6 keeps one set of constants for
    /// each element-wise function, so that a second linear function would compute what the first does.
    func isNew(_ operation: FusedOperation) -> Bool {
        !fused.contains { other in
            switch (operation, other) {
            case (.sum, .sum): true
            case (.function(let one), .function(let two)): one.algorithm == two.algorithm
            default: false
            }
        }
    }

    /// The post-operations for oneDNN, and the arguments that they take.
    ///
    /// - Parameter layout: the layout of the input at that position, which is combined with the result.
    func postOperations(
        _ shapes: OperationShapes,
        layout: (Int) throws(ExecutionError) -> MemoryDescription
    ) throws(ExecutionError) -> (operations: [PostOperation], arguments: [KernelArgument]) {
        var operations: [PostOperation] = []
        var arguments: [KernelArgument] = []
        for (index, operation) in fused.enumerated() {
            switch operation {
            case .function(let function): operations.append(.function(function))
            case .sum: operations.append(.sum)
            case .binary(let function, let input):
                let description = try layout(input)
                operations.append(.binary(function.algorithm, description))
                arguments.append(
                    KernelArgument(
                        espalier_dnnl_post_operation_source(Int32(index)), description,
                        .input(input)))
            }
        }
        return (operations, arguments)
    }
}
