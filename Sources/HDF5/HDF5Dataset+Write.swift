import CHDF5

extension HDF5Dataset {
    /// Writes all elements, from row-major order and native byte order.
    ///
    /// - Parameter buffer: Exactly ``byteCount`` bytes.
    /// - Throws: ``HDF5Error`` with `wrongShape` for another size, `unsupportedType`, `io`, `closed`.
    package func write(_ buffer: UnsafeRawBufferPointer) throws {
        try HDF5Library.call(place) { scope in
            let id = try handle.raw(scope)
            let type = try memoryType(id, scope)
            let source = UnsafeMutableRawBufferPointer(mutating: buffer)
            guard let base = try address(source, count: count, scope) else { return }
            try scope.check(
                H5Dwrite(id, type, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), base),
                doing: "cannot write the values", fallback: .library)
        }
    }

    /// Writes a part, from row-major order and native byte order.
    ///
    /// - Parameters:
    ///   - slab: The part.
    ///   - buffer: Exactly as many bytes as the part has.
    /// - Throws: ``HDF5Error`` as ``write(_:)``, `wrongShape` also for a part beyond the dataset.
    package func write(_ slab: HDF5Slab, from buffer: UnsafeRawBufferPointer) throws {
        try HDF5Library.call(place) { scope in
            let id = try handle.raw(scope)
            let type = try memoryType(id, scope)
            let selection = try select(slab, of: id, scope)
            let source = UnsafeMutableRawBufferPointer(mutating: buffer)
            guard let base = try address(source, count: selection.count, scope) else { return }
            try scope.check(
                H5Dwrite(
                    id, type, selection.memory, selection.file, hid_t(H5P_DEFAULT), base),
                doing: "cannot write the values", fallback: .library)
        }
    }

    /// Writes all elements from an array.
    ///
    /// - Throws: ``HDF5Error`` as ``write(_:)``.
    package func write<Element: BitwiseCopyable>(_ values: [Element]) throws {
        try values.withUnsafeBytes { try write($0) }
    }

    /// Writes all texts of a dataset of texts of any length.
    ///
    /// - Throws: ``HDF5Error`` with `unsupportedType`, `wrongShape`, `invalidText`, `io`, `closed`.
    package func write(strings: [String]) throws {
        guard !strings.contains(where: { $0.utf8.contains(0) }) else {
            throw place.error(.invalidText, "a text holds a zero byte")
        }
        try write(texts: strings.map { Array($0.utf8) })
    }

    /// Writes all texts of a dataset of texts of any length; they hold no zero bytes.
    func write(texts: [[UInt8]]) throws {
        try HDF5Library.call(place) { scope in
            let id = try handle.raw(scope)
            guard case .variableString = elementType else {
                throw scope.error(.unsupportedType, "this does not hold texts of any length")
            }
            guard texts.count == count else {
                throw scope.error(.wrongShape, "\(texts.count) texts for \(count) elements")
            }
            guard count > 0 else { return }
            let type = try elementType.makeType(scope)
            let status = StringCoding.withCStrings(texts) { pointers in
                H5Dwrite(id, type, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), pointers)
            }
            try scope.check(status, doing: "cannot write the values", fallback: .library)
        }
    }
}
