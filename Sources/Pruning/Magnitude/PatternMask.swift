import ModelGraph

/// Zeroes all but the largest of each block of elements along one axis (N:M sparsity).
///
/// Blocks start at index 0 of the axis. A last block that is shorter keeps as many elements as a whole one, if it has them. Of equal
/// magnitudes those of lower index go first. Elements that are NaN must have been refused before.
/// Source: Mishra et al., "Accelerating Sparse Deep Neural Networks", 2021 (2:4).
struct PatternMask: WeightMask {
    private let elementType: ElementType
    private let pattern: SparsityPattern
    /// Size of the axis.
    private let length: Int
    /// Elements of one index of the axis.
    private let inner: Int

    init(_ pattern: SparsityPattern, shape: [Int], axis: Int, elementType: ElementType) {
        self.elementType = elementType
        self.pattern = pattern
        length = max(shape[axis], 1)
        inner = max(shape[(axis + 1)...].reduce(1, *), 1)
    }

    var blockAlignment: Int {
        length % pattern.block == 0 ? pattern.block * inner : length * inner
    }

    /// How many elements of a weight become zero.
    static func zeroCount(_ pattern: SparsityPattern, shape: [Int], axis: Int) -> Int {
        let length = shape[axis]
        guard length > 0 else { return 0 }
        let (blocks, tail) = length.quotientAndRemainder(dividingBy: pattern.block)
        let zeros =
            blocks * (pattern.block - pattern.kept) + max(tail - pattern.kept, 0)
        return shape.reduce(1, *) / length * zeros
    }

    func apply(to block: UnsafeMutableRawBufferPointer, offset: Int) {
        guard let start = block.baseAddress else { return }
        let count = block.count / elementType.byteCount
        var first = 0
        while first < count {
            // Blocks of the storage begin at a block of the axis.
            let index = (offset + first) / inner % length
            let rows = min(pattern.block, length - index, (count - first) / inner)
            guard rows > 0 else { return }
            if rows > pattern.kept {
                zero(start + first * elementType.byteCount, rows: rows)
            }
            first += rows * inner
        }
    }

    private func zero(_ start: UnsafeMutableRawPointer, rows: Int) {
        switch elementType {
        case .float32:
            let done = inner / 8 * 8
            for column in stride(from: 0, to: done, by: 8) { zeroLanes(start + column * 4, rows) }
            zero(start, rows, done..<inner, as: UInt32.self, mask: 0x7FFF_FFFF)
        case .float64: zero(start, rows, 0..<inner, as: UInt64.self, mask: .max >> 1)
        default: zero(start, rows, 0..<inner, as: UInt16.self, mask: 0x7FFF)
        }
    }

    /// Eight neighbouring columns at once: an element goes if enough others are larger.
    private func zeroLanes(_ start: UnsafeMutableRawPointer, _ rows: Int) {
        typealias Lanes = SIMD8<Int32>
        let pitch = inner * 4
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: rows) { magnitudes in
            for row in 0..<rows {
                magnitudes[row] =
                    start.loadUnaligned(fromByteOffset: row * pitch, as: Lanes.self) & 0x7FFF_FFFF
            }
            for row in 0..<rows {
                var larger = Lanes.zero
                for other in 0..<rows where other != row {
                    // The sign of the difference: -1 where the first is less.
                    larger &-=
                        other < row
                        ? (magnitudes[row] &- magnitudes[other]) &>> 31
                        : (magnitudes[row] &- magnitudes[other] &- 1) &>> 31
                }
                let stays = (larger &- Int32(pattern.kept)) &>> 31
                let value = start.loadUnaligned(fromByteOffset: row * pitch, as: Lanes.self)
                start.storeBytes(of: value & stays, toByteOffset: row * pitch, as: Lanes.self)
            }
        }
    }

    private func zero<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ start: UnsafeMutableRawPointer, _ rows: Int, _ columns: Range<Int>, as: Bits.Type,
        mask: Bits
    ) {
        let size = MemoryLayout<Bits>.size
        let pitch = inner * size
        withUnsafeTemporaryAllocation(of: Bits.self, capacity: rows) { magnitudes in
            for column in columns {
                let place = start + column * size
                for row in 0..<rows {
                    magnitudes[row] =
                        place.loadUnaligned(fromByteOffset: row * pitch, as: Bits.self) & mask
                }
                for row in 0..<rows {
                    var larger = 0
                    for other in 0..<rows where other != row {
                        let isLarger =
                            other < row
                            ? magnitudes[other] > magnitudes[row]
                            : magnitudes[other] >= magnitudes[row]
                        larger += isLarger ? 1 : 0
                    }
                    if larger >= pattern.kept {
                        place.storeBytes(of: 0, toByteOffset: row * pitch, as: Bits.self)
                    }
                }
            }
        }
    }
}
