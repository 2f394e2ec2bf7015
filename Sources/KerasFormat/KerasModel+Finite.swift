import ModelGraph
import Workers

extension KerasModel {
    /// Looks for weights that are infinite or not a number.
    ///
    /// - Complexity: one pass over all weights, on all cores, near the memory's speed.
    /// - Throws: ``KerasError`` with `notFinite`, naming the first such weight.
    package func checkFinite() throws(KerasError) {
        let weights = graph.layers.flatMap { layer in layer.weights.map { (layer, $0) } }
        let blocks = weights.enumerated().flatMap { index, entry in
            let count = entry.1.elementType.isFloatingPoint ? entry.1.elementCount : 0
            let length = entry.1.blockLength(byteCount: 4 << 20)
            return stride(from: 0, to: count, by: length).map {
                (weight: index, range: $0..<min($0 + length, count))
            }
        }
        try KerasError.wrapping(file) {
            try concurrentForEach(blocks.count, state: {}) { index, _ in
                let block = blocks[index]
                let (layer, weight) = weights[block.weight]
                let size = weight.elementType.byteCount
                let bytes = UnsafeRawBufferPointer(
                    rebasing: weight.storage.bytes[
                        block.range.lowerBound * size..<block.range.upperBound * size])
                guard
                    let found = FiniteScan.firstSpecial(in: bytes, type: weight.elementType)
                else { return }
                throw failure(layer: layer, weight: weight, element: block.range.lowerBound + found)
            }
        }
    }

    private func failure(layer: Layer, weight: Weight, element: Int) -> KerasError {
        let key = WeightOrigin.Key(layer: layer.path, role: weight.role)
        var rest = element
        var indices: [Int] = []
        for length in weight.shape.reversed() {
            indices.insert(rest % length, at: 0)
            rest /= length
        }
        return KerasError(
            .notFinite, file: file, path: origins[key]?.path ?? "layer '\(layer.name)'",
            "the \(weight.role) of layer '\(layer.name)' is infinite or not a number at \(indices)")
    }
}

/// Looks for numbers whose exponent is all ones: infinite ones, and those that are none.
enum FiniteScan {
    /// The index of the first such number; nil if all are finite.
    static func firstSpecial(in bytes: UnsafeRawBufferPointer, type: ElementType) -> Int? {
        switch type {
        case .float32 where areFinite(bytes): nil
        case .float32: first(in: bytes, exponent: UInt32(0x7F80_0000))
        case .float64: first(in: bytes, exponent: UInt64(0x7FF0_0000_0000_0000))
        case .float16: first(in: bytes, exponent: UInt16(0x7C00))
        case .bfloat16: first(in: bytes, exponent: UInt16(0x7F80))
        default: nil
        }
    }

    /// Whether all of some 32-bit numbers are finite, near the memory's speed.
    ///
    /// Zero times a number is zero, but for one that is not finite; and such a sum stays broken.
    private static func areFinite(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count / 4
        var (a, b, c, d) = (
            SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero
        )
        var index = 0
        while index + 64 <= count {
            let place = base + index * 4
            a += place.loadUnaligned(as: SIMD16<Float>.self) * 0
            b += place.loadUnaligned(fromByteOffset: 64, as: SIMD16<Float>.self) * 0
            c += place.loadUnaligned(fromByteOffset: 128, as: SIMD16<Float>.self) * 0
            d += place.loadUnaligned(fromByteOffset: 192, as: SIMD16<Float>.self) * 0
            index += 64
        }
        var rest: Float = 0
        while index < count {
            rest += (base + index * 4).loadUnaligned(as: Float.self) * 0
            index += 1
        }
        return !(a + b + c + d).sum().isNaN && !rest.isNaN
    }

    private static func first<Bits: FixedWidthInteger & SIMDScalar>(
        in bytes: UnsafeRawBufferPointer, exponent: Bits
    ) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let size = MemoryLayout<Bits>.size
        let count = bytes.count / size
        let mask = SIMD16<Bits>(repeating: exponent)
        var index = 0
        // Four vectors at once: their number of special lanes is nothing but for a broken weight.
        while index + 64 <= count {
            let place = base + index * size
            var special = SIMDMask<SIMD16<Bits>.MaskStorage>(repeating: false)
            for part in 0..<4 {
                let vector = (place + part * 16 * size).loadUnaligned(as: SIMD16<Bits>.self)
                special .|= (vector & mask) .== mask
            }
            if any(special) { break }
            index += 64
        }
        while index < count {
            let bits = (base + index * size).loadUnaligned(as: Bits.self)
            if bits & exponent == exponent { return index }
            index += 1
        }
        return nil
    }
}
