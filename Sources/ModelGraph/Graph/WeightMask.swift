/// Which elements of a weight count as zero, applied while the weight is read.
///
/// A mask costs no memory, so that a network larger than half of the memory can be pruned from file
/// to file.
package protocol WeightMask: Sendable {
    /// Elements that are left over when a block is cut: every block but the last holds a multiple of it.
    var blockAlignment: Int { get }

    /// Zeroes what is masked.
    ///
    /// - Parameters:
    ///   - block: consecutive elements of the weight, in its own element type.
    ///   - offset: index of the block's first element in the weight.
    func apply(to block: UnsafeMutableRawBufferPointer, offset: Int)
}

extension Weight {
    /// Hands out the weight's bytes block by block, in order, with the mask applied.
    ///
    /// - Parameters:
    ///   - byteCount: about how many bytes a block has.
    ///   - body: takes the bytes, which are valid during the call only, and the index of their first element.
    package func forEachBlock(
        byteCount: Int = 1 << 20,
        _ body: (_ bytes: UnsafeRawBufferPointer, _ offset: Int) throws -> Void
    ) rethrows {
        let size = elementType.byteCount
        let all = UnsafeRawBufferPointer(rebasing: storage.bytes[..<(elementCount * size)])
        let alignment = max(mask?.blockAlignment ?? 1, 1)
        let step = max(byteCount / size / alignment, 1) * alignment
        guard let mask else {
            for offset in stride(from: 0, to: elementCount, by: step) {
                let end = min(offset + step, elementCount)
                try body(UnsafeRawBufferPointer(rebasing: all[offset * size..<end * size]), offset)
            }
            return
        }
        let scratch = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(min(step, elementCount) * size, 1), alignment: 64)
        defer { scratch.deallocate() }
        for offset in stride(from: 0, to: elementCount, by: step) {
            let end = min(offset + step, elementCount)
            let block = UnsafeMutableRawBufferPointer(rebasing: scratch[..<((end - offset) * size)])
            block.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: all[offset * size..<end * size]))
            mask.apply(to: block, offset: offset)
            try body(UnsafeRawBufferPointer(block), offset)
        }
    }

    /// The same weight with its mask applied to bytes of its own; itself if it has no mask.
    package func materialized() -> Weight {
        guard mask != nil else { return self }
        var weight = self
        weight.storage = WeightStorage(byteCount: byteCount) { buffer in
            forEachBlock { bytes, offset in
                let start = offset * elementType.byteCount
                UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + bytes.count])
                    .copyMemory(from: bytes)
            }
        }
        weight.mask = nil
        return weight
    }
}
