extension ModelGraph {
    /// The most bytes that are alive at once, when nodes run in their order.
    func peakBytes(sizes: [[Int]], reusesMemory: Bool) -> Int {
        let buffers = buffers(sizes: sizes, reusesMemory: reusesMemory)
        // For each buffer its bytes, the node that first writes it and the last that reads it.
        var spans: [TensorReference: (bytes: Int, first: Int, last: Int)] = [:]
        for (tensor, buffer) in buffers {
            let (bytes, made) = (sizes[tensor.node][tensor.output], tensor.node)
            let known = spans[buffer] ?? (0, made, made)
            spans[buffer] = (
                max(known.bytes, bytes), min(known.first, made), max(known.last, made)
            )
        }
        for (index, node) in nodes.enumerated() {
            for buffer in node.inputs.compactMap({ buffers[$0] }) {
                spans[buffer]?.last = index  // nodes are visited in their order
            }
        }
        for buffer in outputs.compactMap({ buffers[$0] }) { spans[buffer]?.last = nodes.count }
        var changes = [Int](repeating: 0, count: nodes.count + 2)
        var isOverflowing = false
        for span in spans.values {
            for (place, bytes) in [(span.first, span.bytes), (span.last + 1, -span.bytes)] {
                let (sum, overflow) = changes[place].addingReportingOverflow(bytes)
                changes[place] = sum
                isOverflowing = isOverflowing || overflow
            }
        }
        var (alive, peak) = (0, 0)
        for change in changes {
            let (sum, overflow) = alive.addingReportingOverflow(change)
            isOverflowing = isOverflowing || overflow
            alive = sum
            peak = max(peak, alive)
        }
        return isOverflowing ? .max : peak
    }

    /// For each tensor that of the tensors in the same memory which was there first.
    private func buffers(
        sizes: [[Int]], reusesMemory: Bool
    ) -> [TensorReference: TensorReference] {
        var lastReader: [TensorReference: Int] = [:]
        for (index, node) in nodes.enumerated() {
            for input in node.inputs { lastReader[input] = index }
        }
        for output in outputs { lastReader[output] = nodes.count }
        var buffers: [TensorReference: TensorReference] = [:]
        // Tensors that stand in each buffer, to know whether somebody still needs it.
        var tenants: [TensorReference: [TensorReference]] = [:]
        for (index, node) in nodes.enumerated() {
            let memory = layers[node.layer].definition.memory
            for output in sizes[index].indices {
                let tensor = TensorReference(node: index, output: output)
                var buffer = tensor
                if output == 0, let input = node.inputs.first, let old = buffers[input] {
                    let isFree = tenants[old, default: []].allSatisfy {
                        lastReader[$0, default: $0.node] <= index
                    }
                    let fits = sizes[old.node][old.output] == sizes[index][output]
                    let reuses = memory == .inPlace && reusesMemory && isFree && fits
                    if memory == .view || reuses { buffer = old }
                }
                buffers[tensor] = buffer
                tenants[buffer, default: []].append(tensor)
            }
        }
        return buffers
    }
}
