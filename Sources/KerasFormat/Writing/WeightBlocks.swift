import ModelGraph

extension Weight {
    /// How many elements a block of about that many bytes has.
    func blockLength(byteCount target: Int) -> Int {
        let alignment = max(mask?.blockAlignment ?? 1, 1)
        return max(target / elementType.byteCount / alignment, 1) * alignment
    }

    /// Hands out the bytes of some consecutive elements with the mask applied.
    ///
    /// - Parameters:
    ///   - range: elements; must start at a multiple of the mask's alignment.
    ///   - scratch: room for the block; used only if there is a mask.
    func withBlock<Result>(
        _ range: Range<Int>, scratch: inout [UInt8],
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let size = elementType.byteCount
        let bytes = UnsafeRawBufferPointer(
            rebasing: storage.bytes[range.lowerBound * size..<range.upperBound * size])
        guard let mask else { return try body(bytes) }
        if scratch.count < bytes.count {
            scratch = [UInt8](repeating: 0, count: bytes.count)
        }
        return try scratch.withUnsafeMutableBytes { buffer in
            let block = UnsafeMutableRawBufferPointer(rebasing: buffer[..<bytes.count])
            block.copyMemory(from: bytes)
            mask.apply(to: block, offset: range.lowerBound)
            return try body(UnsafeRawBufferPointer(block))
        }
    }
}
