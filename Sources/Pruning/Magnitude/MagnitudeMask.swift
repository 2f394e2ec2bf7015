import ModelGraph

/// Zeroes all elements below a magnitude, and the first ones of those that have just that magnitude.
struct MagnitudeMask: WeightMask {
    private let elementType: ElementType
    /// Magnitudes below it are zeroed.
    private let threshold: Double
    /// Elements of exactly the threshold's magnitude are zeroed if they stand before this index.
    private let tieLimit: Int
    /// The threshold as the bits of a float32, where that is the type.
    private let bits: Int32

    var blockAlignment: Int { 1 }

    init(elementType: ElementType, threshold: Double, tieLimit: Int) {
        self.elementType = elementType
        self.threshold = threshold
        var rounded = Float(threshold)
        // The smallest float32 that is not below the threshold parts the same elements as the threshold does.
        if Double(rounded) < threshold { rounded = rounded.nextUp }
        bits = Int32(bitPattern: rounded.bitPattern)
        let isExact = elementType != .float32 || Double(rounded) == threshold
        self.tieLimit = isExact ? tieLimit : 0
    }

    func apply(to block: UnsafeMutableRawBufferPointer, offset: Int) {
        guard let start = block.baseAddress else { return }
        let count = block.count / elementType.byteCount
        let ties = min(max(tieLimit - offset, 0), count)
        switch elementType {
        case .float32:
            // A float's magnitude orders like its bits as a whole number.
            zeroFloats(start, count: ties, below: bits + 1)
            zeroFloats(start + ties * 4, count: count - ties, below: bits)
        case .float16:
            zero(start, count, ties, as: Float16.self, zero: 0) { Double(abs($0)) }
        case .bfloat16:
            zero(start, count, ties, as: UInt16.self, zero: 0) {
                Double(abs(Float(bitPattern: UInt32($0) << 16)))
            }
        case .float64:
            zero(start, count, ties, as: Double.self, zero: 0) { abs($0) }
        default: break
        }
    }

    private func zeroFloats(_ start: UnsafeMutableRawPointer, count: Int, below bits: Int32) {
        typealias Lanes = SIMD16<Int32>
        let limit = Lanes(repeating: bits)
        var index = 0
        while index + 16 <= count {
            let value = start.loadUnaligned(fromByteOffset: index * 4, as: Lanes.self)
            // All ones in lanes whose magnitude is below the limit.
            let goes = ((value & 0x7FFF_FFFF) &- limit) &>> 31
            start.storeBytes(of: value & ~goes, toByteOffset: index * 4, as: Lanes.self)
            index += 16
        }
        while index < count {
            let value = start.loadUnaligned(fromByteOffset: index * 4, as: Int32.self)
            if value & 0x7FFF_FFFF < bits {
                start.storeBytes(of: 0, toByteOffset: index * 4, as: Int32.self)
            }
            index += 1
        }
    }

    private func zero<T: BitwiseCopyable>(
        _ start: UnsafeMutableRawPointer, _ count: Int, _ ties: Int, as: T.Type, zero: T,
        magnitude: (T) -> Double
    ) {
        let size = MemoryLayout<T>.size
        for index in 0..<count {
            let value = magnitude(start.loadUnaligned(fromByteOffset: index * size, as: T.self))
            if value < threshold || (value == threshold && index < ties) {
                start.storeBytes(of: zero, toByteOffset: index * size, as: T.self)
            }
        }
    }
}
