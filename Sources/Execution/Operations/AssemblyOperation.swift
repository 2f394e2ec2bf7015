import COneDNN

/// A box of elements that is copied from an input to the output.
struct CopiedBox: Sendable, Hashable {
    var input: Int
    var dimensions: [Int]
    /// In elements.
    var sourceStrides: [Int]
    var sourceOffset = 0
    var targetStrides: [Int]
    var targetOffset = 0
}

/// An output that is put together from boxes of the inputs: transpositions, slices, padding, concatenation, repetition.
struct AssemblyOperation: Operation {
    let label = "copy"
    var boxes: [CopiedBox]
    /// What stands where no box does; nil if boxes cover all.
    var filling: Float?
    /// How many zeros it puts around each axis, if it does nothing else.
    var zeroMargins: (before: [Int], after: [Int])?

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        var parts: [PrimitiveKernel] = []
        for box in boxes where box.dimensions.allSatisfy({ $0 > 0 }) {
            parts.append(try part(box.merged()))
        }
        return AssemblyKernel(
            parts: parts, filling: filling, count: shapes.outputs[0].reduce(1, *))
    }

    private func part(_ box: CopiedBox) throws(ExecutionError) -> PrimitiveKernel {
        let source = try MemoryDescription(
            dimensions: box.dimensions, strides: box.sourceStrides)
        let target = try MemoryDescription(
            dimensions: box.dimensions, strides: box.targetStrides)
        return try PrimitiveKernel(
            PrimitiveDescription(
                reordering: source, to: target, "copying a box of \(box.dimensions)"),
            [
                KernelArgument(
                    espalier_dnnl_src, source, .input(box.input), offset: box.sourceOffset * 4),
                KernelArgument(
                    espalier_dnnl_dst, target, .output(0), offset: box.targetOffset * 4),
            ])
    }
}

extension CopiedBox {
    /// The same box with as few axes as it can be described with.
    fileprivate func merged() -> CopiedBox {
        var box = self
        box.dimensions = []
        box.sourceStrides = []
        box.targetStrides = []
        for axis in dimensions.indices where dimensions[axis] != 1 {
            if let last = box.dimensions.last,
                box.sourceStrides[box.dimensions.count - 1] == sourceStrides[axis]
                    * dimensions[axis],
                box.targetStrides[box.dimensions.count - 1] == targetStrides[axis]
                    * dimensions[axis]
            {
                let end = box.dimensions.count - 1
                box.dimensions[end] = last * dimensions[axis]
                box.sourceStrides[end] = sourceStrides[axis]
                box.targetStrides[end] = targetStrides[axis]
            } else {
                box.dimensions.append(dimensions[axis])
                box.sourceStrides.append(sourceStrides[axis])
                box.targetStrides.append(targetStrides[axis])
            }
        }
        if box.dimensions.isEmpty {
            (box.dimensions, box.sourceStrides, box.targetStrides) = ([1], [1], [1])
        }
        return box
    }
}

/// Fills, then copies box after box.
private final class AssemblyKernel: Kernel {
    let implementation: String
    let scratchByteCount: Int
    private let parts: [any Kernel]
    private let filling: Float?
    private let count: Int
    private var target: UnsafeMutablePointer<Float>?

    init(parts: [any Kernel], filling: Float?, count: Int) {
        self.parts = parts
        self.filling = filling
        self.count = count
        implementation = parts.first?.implementation ?? "fill"
        scratchByteCount = parts.map(\.scratchByteCount).max() ?? 0
    }

    func copy() -> any Kernel {
        AssemblyKernel(parts: parts.map { $0.copy() }, filling: filling, count: count)
    }

    func bind(_ addresses: KernelAddresses) throws(ExecutionError) {
        target = addresses.outputs[0]?.assumingMemoryBound(to: Float.self)
        for part in parts { try part.bind(addresses) }
    }

    func run(on stream: Stream) throws(ExecutionError) {
        if let filling { target?.update(repeating: filling, count: count) }
        for part in parts { try part.run(on: stream) }
    }
}
