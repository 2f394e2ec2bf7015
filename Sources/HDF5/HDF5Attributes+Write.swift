import CHDF5

/// Writing: an attribute of the same name is replaced.
///
/// An object header holds at most 64 KiB; more is ``HDF5Error`` with `attributeTooLarge`, and then no
/// attribute of that name remains. All throw `library`, `io`, `invalidText` (zero bytes), `closed`.
extension HDF5Attributes {
    /// Writes one text of any length in UTF-8, as h5py writes a `str`.
    package func set(_ name: String, to text: String) throws {
        try setVariable(name, [text], shape: [])
    }

    /// Writes a list of texts of any length in UTF-8.
    ///
    /// Each takes 16 bytes of the header; the characters lie elsewhere.
    package func set(_ name: String, to texts: [String]) throws {
        try setVariable(name, texts, shape: [texts.count])
    }

    /// Writes a list of texts in fields as long as the longest, filled up with zero bytes, as h5py
    /// writes a numpy `S` array.
    ///
    /// An empty list is written as h5py writes it: float64 of shape (0,).
    ///
    /// - Parameters:
    ///   - name: The attribute.
    ///   - texts: The values.
    ///   - encoding: numpy's are ASCII by declaration, whatever they hold.
    /// - Throws: ``HDF5Error``, see the extension.
    package func setFixed(
        _ name: String, to texts: [String], encoding: HDF5StringEncoding = .ascii
    ) throws {
        guard !texts.isEmpty else { return try setEmpty(name) }
        let size = max(1, texts.map(\.utf8.count).max() ?? 1)
        let element = HDF5ElementType.fixedString(
            size: size, padding: .nullPadded, encoding: encoding)
        guard texts.allSatisfy({ $0.utf8.last != 0 }) else {
            throw place.attribute(name).error(.invalidText, "a text ends in a zero byte")
        }
        // Checked before the fields are made: one long text makes all of them long.
        guard checkedProduct([texts.count, size]).map({ $0 <= Self.sizeLimit }) ?? false else {
            throw place.attribute(name).error(.attributeTooLarge, "the texts are too long")
        }
        let bytes = StringCoding.fields(texts, size: size)
        try write(name, element, shape: [texts.count]) { id, type in
            H5Awrite(id, type, bytes)
        }
    }

    /// Writes one integer, int64.
    package func set(_ name: String, to value: Int) throws {
        try write(name, .int64, shape: []) { id, type in
            withUnsafePointer(to: value) { H5Awrite(id, type, $0) }
        }
    }

    /// Writes a list of integers, int64.
    package func set(_ name: String, to values: [Int]) throws {
        try write(name, .int64, shape: [values.count]) { id, type in H5Awrite(id, type, values) }
    }

    /// Writes one number, float64.
    package func set(_ name: String, to value: Double) throws {
        try write(name, .float64, shape: []) { id, type in
            withUnsafePointer(to: value) { H5Awrite(id, type, $0) }
        }
    }

    /// Writes a list of numbers, float64.
    package func set(_ name: String, to values: [Double]) throws {
        try write(name, .float64, shape: [values.count]) { id, type in H5Awrite(id, type, values) }
    }

    /// Writes one truth value, as h5py does.
    package func set(_ name: String, to value: Bool) throws {
        try write(name, .bool, shape: []) { id, type in
            withUnsafePointer(to: Int8(value ? 1 : 0)) { H5Awrite(id, type, $0) }
        }
    }

    /// Writes what h5py writes for an empty list: float64 of shape (0,).
    package func setEmpty(_ name: String) throws {
        try write(name, .float64, shape: [0]) { _, _ in 0 }
    }

    /// Writes an attribute that another object has, as it is, whatever its type.
    ///
    /// - Parameters:
    ///   - name: The attribute.
    ///   - source: The object that has it; it may be in another file.
    /// - Throws: ``HDF5Error`` with `notFound` and `damaged` about the source, `unsupportedType` for
    ///   references, which mean nothing in another file, and for compounds and lists that hold texts
    ///   or content of any length; and what writing throws.
    package func copy(_ name: String, from source: HDF5Attributes) throws {
        try source.open(name) { attribute in
            let scope = attribute.scope
            // A copy is no longer the named type that it may be in the source's file.
            let type = try scope.own(
                H5Tcopy(attribute.type), H5Tclose, doing: "cannot copy the attribute's type")
            let size = try attribute.byteCount()
            if case .variableString = attribute.info.elementType {
                let texts = try attribute.texts(in: source.handle.file)
                try StringCoding.withCStrings(texts) { pointers in
                    try create(name, type, attribute.space) {
                        texts.isEmpty ? 0 : H5Awrite($0, type, pointers)
                    }
                }
                return
            }
            try attribute.info.elementType.requireNoReferences(attribute.type, scope)
            var bytes = [UInt8](repeating: 0, count: size)
            try scope.check(
                size > 0 ? H5Aread(attribute.id, type, &bytes) : 0,
                doing: "cannot read the attribute")
            try create(name, type, attribute.space) { size > 0 ? H5Awrite($0, type, bytes) : 0 }
        }
    }

    /// Copies all attributes of another object; those of the same name are replaced.
    package func copyAll(from source: HDF5Attributes) throws {
        for name in try source.names() { try copy(name, from: source) }
    }

    private func setVariable(_ name: String, _ texts: [String], shape: [Int]) throws {
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw place.attribute(name).error(.invalidText, "a text holds a zero byte")
        }
        try StringCoding.withCStrings(texts.map { Array($0.utf8) }) { pointers in
            try write(name, .variableString(encoding: .utf8), shape: shape) { id, type in
                texts.isEmpty ? 0 : H5Awrite(id, type, pointers)
            }
        }
    }

    private func write(
        _ name: String, _ element: HDF5ElementType, shape: [Int],
        _ body: (hid_t, hid_t) -> herr_t
    ) throws {
        try HDF5Library.call(place.attribute(name)) { scope in
            let type = try element.makeType(scope)
            let space = try Extent(shape: shape, scope).makeSpace(scope)
            try create(name, type, space) { body($0, type) }
        }
    }

    /// Creates the attribute and has `body` write it; on failure none of that name remains.
    private func create(
        _ name: String, _ type: hid_t, _ space: hid_t, _ body: (hid_t) -> herr_t
    ) throws {
        try HDF5Library.call(place.attribute(name)) { scope in
            try HDF5File.requireNoNul(name, scope)
            let object = try handle.raw(scope)
            let doing = "cannot write the attribute"
            if try scope.check(H5Aexists(object, name), doing: doing, fallback: .library) > 0 {
                try scope.check(H5Adelete(object, name), doing: doing, fallback: .library)
            }
            let id = try scope.own(
                H5Acreate2(object, name, type, space, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT)),
                H5Aclose, doing: doing, fallback: .library)
            guard body(id) < 0 else { return }
            let failure = scope.failure(doing, .library)
            H5Adelete(object, name)
            throw failure
        }
    }
}
