import CHDF5

extension HDF5Attributes {
    /// The text of an attribute with exactly one text.
    ///
    /// - Throws: ``HDF5Error`` with `notFound`, `unsupportedType`, `wrongShape`, `invalidText`,
    ///   `tooLarge`, `damaged`, `closed`.
    package func string(_ name: String) throws -> String {
        let all = try strings(name)
        guard let first = all.first, all.count == 1 else {
            throw place.attribute(name).error(.wrongShape, "this holds \(all.count) texts, not one")
        }
        return first
    }

    /// All texts of an attribute, in order; none if it is empty, whatever its type: an empty list
    /// has float64 elements when h5py writes it.
    ///
    /// - Throws: ``HDF5Error`` as ``string(_:)`` without `wrongShape`.
    package func strings(_ name: String) throws -> [String] {
        try open(name) { attribute in
            try attribute.texts(in: handle.file).map { text in
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw attribute.scope.error(.invalidText, "a text is not UTF-8")
                }
                return string
            }
        }
    }

    /// All values of an integer or bool attribute, in order.
    ///
    /// - Throws: ``HDF5Error`` with `notFound`, `unsupportedType`, `tooLarge`, `damaged`, `closed`;
    ///   an unsigned value beyond `Int` is `tooLarge`.
    package func integers(_ name: String) throws -> [Int] {
        try open(name) { attribute in
            switch attribute.info.elementType {
            case .uint64:
                return try numbers(attribute, as: UInt64.self, .uint64).map {
                    guard let value = Int(exactly: $0) else {
                        throw attribute.scope.error(.tooLarge, "\($0) is too large")
                    }
                    return value
                }
            case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32:
                return try numbers(attribute, as: Int.self, .int64)
            case .bool:
                return try numbers(attribute, as: Int8.self, .bool).map { $0 == 0 ? 0 : 1 }
            default:
                throw attribute.scope.error(.unsupportedType, "this does not hold integers")
            }
        }
    }

    /// All values of a numeric attribute, in order; integers are converted.
    ///
    /// - Throws: ``HDF5Error`` with `notFound`, `unsupportedType`, `tooLarge`, `damaged`, `closed`.
    package func doubles(_ name: String) throws -> [Double] {
        try open(name) { attribute in
            switch attribute.info.elementType {
            case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float16,
                .bfloat16, .float32, .float64:
                return try numbers(attribute, as: Double.self, .float64)
            default:
                throw attribute.scope.error(.unsupportedType, "this does not hold numbers")
            }
        }
    }

    /// The values of a bool attribute, in order.
    ///
    /// - Throws: ``HDF5Error`` with `notFound`, `unsupportedType`, `tooLarge`, `damaged`, `closed`.
    package func bools(_ name: String) throws -> [Bool] {
        try open(name) { attribute in
            guard attribute.info.elementType == .bool else {
                throw attribute.scope.error(.unsupportedType, "this does not hold truth values")
            }
            return try numbers(attribute, as: Int8.self, .bool).map { $0 != 0 }
        }
    }

    private func numbers<Number: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ attribute: Opened, as: Number.Type, _ element: HDF5ElementType
    ) throws -> [Number] {
        guard attribute.info.count > 0 else { return [] }
        _ = try attribute.byteCount()
        let (bytes, overflow) = attribute.info.count.multipliedReportingOverflow(
            by: MemoryLayout<Number>.stride)
        guard !overflow, bytes <= Self.sizeLimit else {
            throw attribute.scope.error(.tooLarge, "the attribute has too many values")
        }
        var values = [Number](repeating: 0, count: attribute.info.count)
        let type = try element.makeType(attribute.scope)
        try attribute.scope.check(
            H5Aread(attribute.id, type, &values), doing: "cannot read the attribute")
        return values
    }
}

extension HDF5Attributes.Opened {
    /// The bytes of all texts; none if the attribute is empty, whatever its type.
    func texts(in file: FileHandle) throws -> [[UInt8]] {
        guard info.count > 0 else { return [] }
        _ = try byteCount()
        return try StringCoding.texts(
            info.elementType, count: info.count, type: type, space: space, in: file, scope
        ) { H5Aread(id, $0, $1) }
    }
}
