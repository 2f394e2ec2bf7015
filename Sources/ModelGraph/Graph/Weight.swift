/// One weight of a layer: a kernel, a bias, a moving mean.
package struct Weight: Sendable {
    /// What the layer class calls it: `kernel`, `bias`, `moving_mean`.
    package var role: String
    /// The name that the file gives it, whole: `conv1/kernel:0`; empty for a weight that no file held.
    package var storedName: String
    package var shape: [Int]
    package var elementType: ElementType
    /// `shape` elements of `elementType`, row-major.
    package var storage: WeightStorage
    /// Elements of the storage that count as zero; nil if none do.
    package var mask: (any WeightMask)?

    package init(
        role: String, storedName: String = "", shape: [Int], elementType: ElementType,
        storage: WeightStorage, mask: (any WeightMask)? = nil
    ) {
        self.role = role
        self.storedName = storedName
        self.shape = shape
        self.elementType = elementType
        self.storage = storage
        self.mask = mask
    }

    /// The product of the dimensions; `Int.max` where that is out of range.
    package var elementCount: Int { shape.saturatingProduct }

    package var byteCount: Int { elementCount.saturatingTimes(elementType.byteCount) }
}

extension Weight {
    /// A float32 weight with the given values.
    package init(role: String, storedName: String = "", shape: [Int], values: [Float]) {
        self.init(
            role: role, storedName: storedName, shape: shape, elementType: .float32,
            storage: WeightStorage(byteCount: values.count * 4) { buffer in
                values.withUnsafeBytes { buffer.copyMemory(from: $0) }
            })
    }

    /// The values as float32; exact for float16, bfloat16 and float32, rounded for the others.
    package func floats() -> [Float] {
        let weight = materialized()
        return withExtendedLifetime(weight) { weight.storedFloats() }
    }

    /// The stored values, without the mask.
    ///
    /// The caller keeps the storage alive.
    private func storedFloats() -> [Float] {
        let bytes = storage.bytes
        let count = elementCount
        func read<T>(_: T.Type, _ convert: (T) -> Float) -> [Float] {
            (0..<count).map {
                convert(
                    bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.stride, as: T.self))
            }
        }
        switch elementType {
        case .float32:
            return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                UnsafeMutableRawBufferPointer(buffer)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * 4)]))
                initialized = count
            }
        case .float16: return read(Float16.self) { Float($0) }
        case .bfloat16: return read(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .float64: return read(Double.self) { Float($0) }
        case .int8: return read(Int8.self) { Float($0) }
        case .int16: return read(Int16.self) { Float($0) }
        case .int32: return read(Int32.self) { Float($0) }
        case .int64: return read(Int64.self) { Float($0) }
        case .uint8, .bool: return read(UInt8.self) { Float($0) }
        case .uint16: return read(UInt16.self) { Float($0) }
        case .uint32: return read(UInt32.self) { Float($0) }
        case .uint64: return read(UInt64.self) { Float($0) }
        }
    }

    /// The same weight with other values, rounded to its own element type (floating-point types only).
    ///
    /// - Parameter values: `shape` elements, row-major.
    package func replacing(values: [Float], shape: [Int]? = nil) -> Weight {
        var weight = self
        weight.shape = shape ?? self.shape
        weight.mask = nil
        weight.storage = WeightStorage(byteCount: values.count * elementType.byteCount) { buffer in
            for (index, value) in values.enumerated() {
                switch elementType {
                case .float16:
                    buffer.storeBytes(of: Float16(value), toByteOffset: index * 2, as: Float16.self)
                case .bfloat16:
                    buffer.storeBytes(
                        of: Weight.bfloat16(value), toByteOffset: index * 2, as: UInt16.self)
                case .float64:
                    buffer.storeBytes(of: Double(value), toByteOffset: index * 8, as: Double.self)
                default: buffer.storeBytes(of: value, toByteOffset: index * 4, as: Float.self)
                }
            }
        }
        if !elementType.isFloatingPoint { weight.elementType = .float32 }
        return weight
    }

    /// Rounds to the nearest bfloat16, ties to even.
    private static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
    }
}
