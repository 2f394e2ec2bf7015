/// How the numbers of an array stand in bytes.
struct ElementFormat: Hashable, Sendable {
    /// The kinds of numbers, named as numpy names them.
    enum Kind: String, Hashable, Sendable {
        case bool = "b1"
        case u1, u2, u4, u8
        case i1, i2, i4, i8
        case f2, f4, f8

        /// Bytes of one number.
        var size: Int {
            switch self {
            case .bool, .u1, .i1: 1
            case .u2, .i2, .f2: 2
            case .u4, .i4, .f4: 4
            case .u8, .i8, .f8: 8
            }
        }

        /// Whether NaN and infinities can occur.
        var isFloat: Bool { [.f2, .f4, .f8].contains(self) }
    }

    var kind: Kind
    var isBigEndian = false

    var size: Int { kind.size }

    /// Turns numbers into float32, those beyond its precision rounded.
    ///
    /// - Parameters:
    ///   - bytes: at least `target.count` numbers from its start on; they need not be aligned.
    ///   - stride: bytes from one number to the next; nil where they touch.
    func decode(
        _ bytes: UnsafeRawBufferPointer, stride: Int? = nil,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        let stride = stride ?? size
        switch kind {
        case .bool: copy(UInt8.self, bytes, stride, target) { $0 == 0 ? 0 : 1 }
        case .u1: copy(UInt8.self, bytes, stride, target) { Float($0) }
        case .i1: copy(Int8.self, bytes, stride, target) { Float($0) }
        case .u2: copy(UInt16.self, bytes, stride, target) { Float($0) }
        case .i2: copy(Int16.self, bytes, stride, target) { Float($0) }
        case .u4: copy(UInt32.self, bytes, stride, target) { Float($0) }
        case .i4: copy(Int32.self, bytes, stride, target) { Float($0) }
        case .u8: copy(UInt64.self, bytes, stride, target) { Float($0) }
        case .i8: copy(Int64.self, bytes, stride, target) { Float($0) }
        case .f2: copy(UInt16.self, bytes, stride, target) { Float(Float16(bitPattern: $0)) }
        case .f4: copy(UInt32.self, bytes, stride, target) { Float(bitPattern: $0) }
        case .f8: copy(UInt64.self, bytes, stride, target) { Float(Double(bitPattern: $0)) }
        }
    }

    /// One number as a double, in which every label is exact.
    func double(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Double {
        func load<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) -> Number {
            let number = bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)
            return isBigEndian ? number.byteSwapped : number
        }
        return switch kind {
        case .bool: load(UInt8.self) == 0 ? 0 : 1
        case .u1: Double(load(UInt8.self))
        case .i1: Double(load(Int8.self))
        case .u2: Double(load(UInt16.self))
        case .i2: Double(load(Int16.self))
        case .u4: Double(load(UInt32.self))
        case .i4: Double(load(Int32.self))
        case .u8: Double(load(UInt64.self))
        case .i8: Double(load(Int64.self))
        case .f2: Double(Float16(bitPattern: load(UInt16.self)))
        case .f4: Double(Float(bitPattern: load(UInt32.self)))
        case .f8: Double(bitPattern: load(UInt64.self))
        }
    }

    private func copy<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type, _ bytes: UnsafeRawBufferPointer, _ stride: Int,
        _ target: UnsafeMutableBufferPointer<Float>, _ convert: (Number) -> Float
    ) {
        guard let base = bytes.baseAddress else { return }
        if isBigEndian {
            for index in target.indices {
                let number = base.loadUnaligned(fromByteOffset: index * stride, as: Number.self)
                target[index] = convert(number.byteSwapped)
            }
        } else {
            for index in target.indices {
                target[index] = convert(
                    base.loadUnaligned(fromByteOffset: index * stride, as: Number.self))
            }
        }
    }
}
