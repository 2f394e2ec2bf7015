/// HDF5's shuffle filter: the first bytes of all elements, then their second bytes, and so on.
///
/// Bytes of equal rank resemble each other (signs and exponents above all), so that they compress
/// better side by side. Source: HDF5 file format specification, "Shuffle filter".
enum ByteShuffle {
    /// Shuffles elements into the first places of each byte's row.
    ///
    /// - Parameters:
    ///   - source: whole elements, at most `elementCount`.
    ///   - elementCount: how long the rows of `destination` are.
    static func shuffle(
        _ source: UnsafeRawBufferPointer, elementSize: Int, elementCount: Int,
        into destination: UnsafeMutableRawBufferPointer
    ) {
        guard let from = source.baseAddress, let to = destination.baseAddress else { return }
        let count = source.count / elementSize
        switch elementSize {
        case 1: to.copyMemory(from: from, byteCount: count)
        case 4: shuffle4(from, count: count, row: elementCount, to)
        default:
            for byte in 0..<elementSize {
                var read = from + byte
                var write = to + byte * elementCount
                for _ in 0..<count {
                    write.storeBytes(of: read.load(as: UInt8.self), as: UInt8.self)
                    read += elementSize
                    write += 1
                }
            }
        }
    }

    private static func shuffle4(
        _ from: UnsafeRawPointer, count: Int, row: Int, _ to: UnsafeMutableRawPointer
    ) {
        let vectors = count / 16
        for index in 0..<vectors {
            let elements = (from + index * 64).loadUnaligned(as: SIMD16<UInt32>.self)
            let place = to + index * 16
            for byte in 0..<4 {
                let bytes = SIMD16<UInt8>(truncatingIfNeeded: elements &>> UInt32(8 * byte))
                (place + byte * row).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
            }
        }
        for index in vectors * 16..<count {
            let element = (from + index * 4).loadUnaligned(as: UInt32.self)
            for byte in 0..<4 {
                (to + byte * row + index).storeBytes(
                    of: UInt8(truncatingIfNeeded: element >> UInt32(8 * byte)), as: UInt8.self)
            }
        }
    }

    /// Undoes ``shuffle(_:elementSize:elementCount:into:)`` for whole chunks.
    static func unshuffle(
        _ source: UnsafeRawBufferPointer, elementSize: Int,
        into destination: UnsafeMutableRawBufferPointer
    ) {
        let count = source.count / elementSize
        guard let from = source.baseAddress, let to = destination.baseAddress, count > 0 else {
            return
        }
        for byte in 0..<elementSize {
            var read = from + byte * count
            var write = to + byte
            for _ in 0..<count {
                write.storeBytes(of: read.load(as: UInt8.self), as: UInt8.self)
                read += 1
                write += elementSize
            }
        }
    }
}
