/// The type of one element of a dataset or attribute, as far as this module reads and writes it.
package enum HDF5ElementType: Sendable, Hashable {
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    /// IEEE 754 binary16.
    case float16
    /// The upper half of a binary32, declared as a float of its own.
    case bfloat16
    case float32, float64
    /// One byte, 0 or 1: the enumeration `FALSE`, `TRUE` that h5py writes.
    case bool
    /// Bytes without a meaning of their own.
    case opaque(size: Int, tag: String)
    /// Text in a field of `size` bytes.
    case fixedString(size: Int, padding: HDF5StringPadding, encoding: HDF5StringEncoding)
    /// Text of any length.
    case variableString(encoding: HDF5StringEncoding)
    /// Any other type: it can be carried along, not read.
    case other(kind: String, size: Int)

    /// What h5py makes of an `ml_dtypes.bfloat16` array (numpy sees a type of two bytes and no name),
    /// and so what Keras files hold.
    package static let numpyBFloat16 = HDF5ElementType.opaque(size: 2, tag: "")

    /// Bytes of one element in memory; for text of any length the size of a reference.
    package var size: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .int16, .uint16, .float16, .bfloat16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        case .opaque(let size, _), .fixedString(let size, _, _), .other(_, let size): size
        case .variableString: 16
        }
    }

    /// Whether elements are plain bytes that ``HDF5Dataset`` reads into and writes from memory.
    package var isPlain: Bool {
        switch self {
        case .variableString, .other: false
        default: true
        }
    }
}

/// How a text shorter than its field ends.
package enum HDF5StringPadding: Sendable, Hashable {
    /// With a zero byte.
    case nullTerminated
    /// Filled up with zero bytes, none needed if it is as long as the field: numpy's `S`.
    case nullPadded
    /// Filled up with spaces, as Fortran does.
    case spacePadded
}

/// What a text's bytes claim to be; both are read as UTF-8.
package enum HDF5StringEncoding: Sendable, Hashable {
    case ascii, utf8
}
