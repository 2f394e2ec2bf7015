import COneDNN

/// How the numbers of an image stand in memory.
enum TensorLayout: Hashable, Sendable {
    /// Position by position, all channels of each side by side: how every other operation sees tensors.
    case channelsLast
    /// Sixteen channels at a time, position by position: what oneDNN's Winograd convolutions take.
    case blocked

    /// Channels that stand together in ``blocked``.
    static let block = 16
}

extension MemoryDescription {
    /// An image of the given shape, channels last, in a layout of memory; in oneDNN's order of axes.
    init(image shape: [Int], _ layout: TensorLayout) throws(ExecutionError) {
        switch layout {
        case .channelsLast: try self.init(channelsLast: shape)
        case .blocked:
            guard shape.count == 4 else {
                throw ExecutionError(.unsupported, "no blocked layout for a tensor of \(shape)")
            }
            // One channel looks the same in both.
            try self.init(
                dimensions: [shape[0], shape[3], shape[1], shape[2]],
                tag: shape[3] == 1 ? dnnl_abcd : dnnl_aBcd16b)
        }
    }
}

/// The same image in another layout.
struct LayoutOperation: Operation {
    let label = "layout"
    var from: TensorLayout
    var to: TensorLayout

    func kernel(_ shapes: OperationShapes) throws(ExecutionError) -> any Kernel {
        let source = try MemoryDescription(image: shapes.inputs[0], from)
        let target = try MemoryDescription(image: shapes.outputs[0], to)
        return try PrimitiveKernel(
            PrimitiveDescription(
                reordering: source, to: target, "a change of the layout of \(shapes.inputs[0])"),
            [
                KernelArgument(espalier_dnnl_src, source, .input(0)),
                KernelArgument(espalier_dnnl_dst, target, .output(0)),
            ])
    }
}

/// An operation that can work on images in either layout.
protocol LayoutOperand: Operation {
    var layout: TensorLayout { get set }

    /// Whether it can work on blocked images of these shapes.
    func allowsBlocks(_ shapes: OperationShapes) -> Bool

    /// Microseconds that it is faster on blocked images, roughly.
    func gain(_ shapes: OperationShapes) -> Double
}

extension LayoutOperand {
    func gain(_ shapes: OperationShapes) -> Double { 0 }
}

extension OperationShapes {
    /// Whether all its tensors are images of whole blocks of channels.
    var areBlocks: Bool {
        (inputs + outputs).allSatisfy { $0.count == 4 && $0[3] % TensorLayout.block == 0 }
    }
}
