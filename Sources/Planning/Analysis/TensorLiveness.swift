import ModelGraph

/// Which tensors share memory, and from which node to which each piece of memory is needed.
///
/// Nodes run in their order. Views share the memory of what they show; element-wise layers work in
/// place where nobody else still needs their input. Inputs are held from the start until they are last read,
/// outputs until the end.
struct TensorLiveness {
    /// Memory for one tensor and those that share it.
    struct Block {
        /// The tensor whose size it has.
        var tensor: TensorReference
        var first: Int
        var last: Int
    }

    private(set) var blocks: [Block] = []

    init(_ graph: ModelGraph, shapes: TensorShapes) {
        var lastRead: [TensorReference: Int] = [:]
        for (index, node) in graph.nodes.enumerated() {
            for input in node.inputs { lastRead[input] = index }
        }
        for output in graph.outputs { lastRead[output] = graph.nodes.count }
        var blockOf: [TensorReference: Int] = [:]
        for (index, node) in graph.nodes.enumerated() {
            let memory = graph.layers[node.layer].definition.memory
            for output in shapes.nodes[index].indices {
                let tensor = TensorReference(node: index, output: output)
                let last = max(lastRead[tensor] ?? index, index)
                if output == 0, let input = node.inputs.first, let block = blockOf[input],
                    memory == .view
                        || memory == .inPlace && blocks[block].last == index
                            && shapes[input] == shapes[tensor]
                {
                    blockOf[tensor] = block
                    blocks[block].last = max(blocks[block].last, last)
                    continue
                }
                blockOf[tensor] = blocks.count
                let first = graph.inputs.contains(tensor) ? 0 : index
                blocks.append(Block(tensor: tensor, first: first, last: last))
            }
        }
    }

    /// What lives while each node runs, summed from the sizes of tensors.
    func moments<Size>(
        nodes: Int, zero: Size, size: (TensorReference) -> Size, add: (inout Size, Size) -> Void
    ) -> [Size] {
        var moments = [Size](repeating: zero, count: nodes)
        for block in blocks {
            let bytes = size(block.tensor)
            for node in block.first...min(block.last, max(nodes - 1, block.first)) {
                add(&moments[node], bytes)
            }
        }
        return moments
    }
}
