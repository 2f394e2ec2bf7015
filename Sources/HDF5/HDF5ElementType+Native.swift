import CHDF5

/// Where sign, exponent and mantissa lie in a float's bits, as `H5Tget_fields` tells them.
private struct FloatFields: Equatable {
    var sign = 0
    var exponentStart = 0
    var exponentBits = 0
    var mantissaStart = 0
    var mantissaBits = 0
    var bias = 0

    static let half = FloatFields(
        sign: 15, exponentStart: 10, exponentBits: 5, mantissaStart: 0, mantissaBits: 10, bias: 15)
    static let brain = FloatFields(
        sign: 15, exponentStart: 7, exponentBits: 8, mantissaStart: 0, mantissaBits: 7, bias: 127)
    static let single = FloatFields(
        sign: 31, exponentStart: 23, exponentBits: 8, mantissaStart: 0, mantissaBits: 23, bias: 127)
    static let double = FloatFields(
        sign: 63, exponentStart: 52, exponentBits: 11, mantissaStart: 0, mantissaBits: 52,
        bias: 1023)

    init(
        sign: Int, exponentStart: Int, exponentBits: Int, mantissaStart: Int, mantissaBits: Int,
        bias: Int
    ) {
        self.sign = sign
        self.exponentStart = exponentStart
        self.exponentBits = exponentBits
        self.mantissaStart = mantissaStart
        self.mantissaBits = mantissaBits
        self.bias = bias
    }

    init(of type: hid_t, _ scope: CallScope) throws {
        var (sign, epos, esize, mpos, msize) = (0, 0, 0, 0, 0)
        try scope.check(
            H5Tget_fields(type, &sign, &epos, &esize, &mpos, &msize),
            doing: "cannot read the float type")
        self.init(
            sign: sign, exponentStart: epos, exponentBits: esize, mantissaStart: mpos,
            mantissaBits: msize, bias: Int(clamping: H5Tget_ebias(type)))
    }
}

extension HDF5ElementType {
    /// What the type of the given id is to us.
    init(id: hid_t, _ scope: CallScope) throws {
        let size = H5Tget_size(id)
        guard size > 0 else { throw scope.error(.damaged, "an element type has no size") }
        switch H5Tget_class(id) {
        case H5T_INTEGER: self = Self.integer(id, size) ?? .other(kind: "integer", size: size)
        case H5T_FLOAT: self = try Self.float(id, size, scope) ?? .other(kind: "float", size: size)
        case H5T_STRING: self = try Self.string(id, size, scope)
        case H5T_OPAQUE:
            let tag = H5Tget_tag(id)
            defer { H5free_memory(tag) }
            self = .opaque(size: size, tag: tag.map { String(cString: $0) } ?? "")
        case H5T_ENUM:
            self = try Self.isBool(id, size, scope) ? .bool : .other(kind: "enum", size: size)
        case H5T_COMPOUND: self = .other(kind: "compound", size: size)
        case H5T_REFERENCE: self = .other(kind: "reference", size: size)
        case H5T_VLEN: self = .other(kind: "variable-length", size: size)
        case H5T_ARRAY: self = .other(kind: "array", size: size)
        case H5T_BITFIELD: self = .other(kind: "bit field", size: size)
        case H5T_TIME: self = .other(kind: "time", size: size)
        default: throw scope.error(.damaged, "an element type is of no known class")
        }
    }

    private static func integer(_ id: hid_t, _ size: Int) -> HDF5ElementType? {
        guard hasAllBits(id, size) else { return nil }
        let signed = H5Tget_sign(id) == H5T_SGN_2
        switch size {
        case 1: return signed ? .int8 : .uint8
        case 2: return signed ? .int16 : .uint16
        case 4: return signed ? .int32 : .uint32
        case 8: return signed ? .int64 : .uint64
        default: return nil
        }
    }

    private static func float(
        _ id: hid_t, _ size: Int, _ scope: CallScope
    ) throws -> HDF5ElementType? {
        guard hasAllBits(id, size), H5Tget_norm(id) == H5T_NORM_IMPLIED else { return nil }
        let fields = try FloatFields(of: id, scope)
        switch (size, fields) {
        case (2, .half): return .float16
        case (2, .brain): return .bfloat16
        case (4, .single): return .float32
        case (8, .double): return .float64
        default: return nil
        }
    }

    /// Whether every bit counts and the bytes stand in one of the two usual orders.
    private static func hasAllBits(_ id: hid_t, _ size: Int) -> Bool {
        let order = H5Tget_order(id)
        return H5Tget_precision(id) == size * 8 && H5Tget_offset(id) == 0
            && (order == H5T_ORDER_LE || order == H5T_ORDER_BE)
    }

    private static func string(
        _ id: hid_t, _ size: Int, _ scope: CallScope
    ) throws -> HDF5ElementType {
        let encoding: HDF5StringEncoding = H5Tget_cset(id) == H5T_CSET_UTF8 ? .utf8 : .ascii
        if try scope.check(H5Tis_variable_str(id), doing: "cannot read the text type") > 0 {
            return .variableString(encoding: encoding)
        }
        let padding: HDF5StringPadding =
            switch H5Tget_strpad(id) {
            case H5T_STR_NULLTERM: .nullTerminated
            case H5T_STR_SPACEPAD: .spacePadded
            default: .nullPadded
            }
        return .fixedString(size: size, padding: padding, encoding: encoding)
    }

    private static func isBool(_ id: hid_t, _ size: Int, _ scope: CallScope) throws -> Bool {
        guard size == 1, H5Tget_nmembers(id) == 2 else { return false }
        for (index, expected) in ["FALSE", "TRUE"].enumerated() {
            let name = H5Tget_member_name(id, UInt32(index))
            defer { H5free_memory(name) }
            var value: UInt8 = 0
            try scope.check(
                H5Tget_member_value(id, UInt32(index), &value), doing: "cannot read the enum type")
            guard let name, String(cString: name) == expected, value == index else { return false }
        }
        return true
    }

    /// A new type id for elements in memory and in files that we write; owned by `scope`.
    func makeType(_ scope: CallScope) throws -> hid_t {
        switch self {
        case .int8: chdf5_t_int8()
        case .int16: chdf5_t_int16()
        case .int32: chdf5_t_int32()
        case .int64: chdf5_t_int64()
        case .uint8: chdf5_t_uint8()
        case .uint16: chdf5_t_uint16()
        case .uint32: chdf5_t_uint32()
        case .uint64: chdf5_t_uint64()
        case .float32: chdf5_t_float32()
        case .float64: chdf5_t_float64()
        case .float16: try Self.makeFloat(.half, scope)
        case .bfloat16: try Self.makeFloat(.brain, scope)
        case .bool: try Self.makeBool(scope)
        case .opaque(let size, let tag): try Self.makeOpaque(size, tag, scope)
        case .fixedString(let size, let padding, let encoding):
            try Self.makeString(size, padding, encoding, scope)
        case .variableString(let encoding):
            try Self.makeString(chdf5_t_variable(), .nullTerminated, encoding, scope)
        case .other(let kind, _):
            throw scope.error(.unsupportedType, "values of type '\(kind)' are not supported")
        }
    }

    private static let cannotMake = "cannot make the element type"

    private static func makeFloat(_ fields: FloatFields, _ scope: CallScope) throws -> hid_t {
        let id = try scope.own(
            H5Tcopy(chdf5_t_float32()), H5Tclose, doing: cannotMake, fallback: .library)
        // The fields first: they must fit at every step, and the size shrinks over them.
        try scope.check(
            H5Tset_fields(
                id, fields.sign, fields.exponentStart, fields.exponentBits, fields.mantissaStart,
                fields.mantissaBits), doing: cannotMake, fallback: .library)
        try scope.check(H5Tset_size(id, 2), doing: cannotMake, fallback: .library)
        try scope.check(H5Tset_ebias(id, fields.bias), doing: cannotMake, fallback: .library)
        return id
    }

    private static func makeBool(_ scope: CallScope) throws -> hid_t {
        let id = try scope.own(
            H5Tenum_create(chdf5_t_int8()), H5Tclose, doing: cannotMake, fallback: .library)
        for (index, name) in ["FALSE", "TRUE"].enumerated() {
            var value = Int8(index)
            try scope.check(
                H5Tenum_insert(id, name, &value), doing: cannotMake, fallback: .library)
        }
        return id
    }

    private static func makeOpaque(
        _ size: Int, _ tag: String, _ scope: CallScope
    ) throws -> hid_t {
        // The library refuses longer tags on reading (H5T_OPAQUE_TAG_MAX).
        guard size > 0, tag.utf8.count < 256, !tag.utf8.contains(0) else {
            throw scope.error(.unsupportedType, "no such opaque type can be made")
        }
        let id = try scope.own(
            H5Tcreate(H5T_OPAQUE, size), H5Tclose, doing: cannotMake, fallback: .library)
        try scope.check(H5Tset_tag(id, tag), doing: cannotMake, fallback: .library)
        return id
    }

    private static func makeString(
        _ size: Int, _ padding: HDF5StringPadding, _ encoding: HDF5StringEncoding,
        _ scope: CallScope
    ) throws -> hid_t {
        let id = try scope.own(
            H5Tcopy(chdf5_t_c_string()), H5Tclose, doing: cannotMake, fallback: .library)
        let pad =
            switch padding {
            case .nullTerminated: H5T_STR_NULLTERM
            case .nullPadded: H5T_STR_NULLPAD
            case .spacePadded: H5T_STR_SPACEPAD
            }
        try scope.check(H5Tset_size(id, size), doing: cannotMake, fallback: .library)
        try scope.check(H5Tset_strpad(id, pad), doing: cannotMake, fallback: .library)
        try scope.check(
            H5Tset_cset(id, encoding == .utf8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII),
            doing: cannotMake, fallback: .library)
        return id
    }
}
