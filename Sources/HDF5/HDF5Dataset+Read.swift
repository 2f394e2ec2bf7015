import CHDF5

/// A part of a dataset: in every dimension `count` indices from `start` on, `stride` apart.
package struct HDF5Slab: Sendable, Hashable {
    package var start: [Int]
    package var count: [Int]
    package var stride: [Int]

    /// - Parameters:
    ///   - start: The first index in every dimension.
    ///   - count: How many indices in every dimension.
    ///   - stride: The distance of indices in every dimension; 1 if not given.
    package init(start: [Int], count: [Int], stride: [Int]? = nil) {
        self.start = start
        self.count = count
        self.stride = stride ?? start.map { _ in 1 }
    }
}

extension HDF5Dataset {
    /// Reads all elements, in row-major order and native byte order.
    ///
    /// - Parameter buffer: Exactly ``byteCount`` bytes.
    /// - Throws: ``HDF5Error`` with `wrongShape` for another size, `unsupportedType`,
    ///   `unsupportedFilter`, `damaged`, `io`, `closed`.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws {
        try HDF5Library.call(place) { scope in
            let id = try handle.raw(scope)
            let type = try memoryType(id, scope)
            guard let base = try address(buffer, count: count, scope) else { return }
            try read(id, type, memory: hid_t(H5S_ALL), file: hid_t(H5S_ALL), base, scope)
        }
    }

    /// Reads a part, in row-major order and native byte order.
    ///
    /// - Parameters:
    ///   - slab: The part.
    ///   - buffer: Exactly as many bytes as the part has.
    /// - Throws: ``HDF5Error`` as ``read(into:)``, `wrongShape` also for a part beyond the dataset.
    package func read(_ slab: HDF5Slab, into buffer: UnsafeMutableRawBufferPointer) throws {
        try HDF5Library.call(place) { scope in
            let id = try handle.raw(scope)
            let type = try memoryType(id, scope)
            let selection = try select(slab, of: id, scope)
            guard let base = try address(buffer, count: selection.count, scope) else { return }
            try read(id, type, memory: selection.memory, file: selection.file, base, scope)
        }
    }

    /// All elements as an array.
    ///
    /// - Parameters:
    ///   - type: The element's Swift type; it must be of the element type's size.
    ///   - limit: How much memory the dataset may claim.
    /// - Returns: The elements in row-major order.
    /// - Throws: ``HDF5Error`` as ``read(into:)``, and `tooLarge`.
    package func array<Element: BitwiseCopyable>(
        of type: Element.Type, within limit: HDF5SizeLimit = .standard
    ) throws -> [Element] {
        guard MemoryLayout<Element>.stride == elementType.size else {
            throw place.error(.unsupportedType, "the elements are not of \(Element.self)'s size")
        }
        try requireSize(within: limit)
        return try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            let bytes = UnsafeMutableRawBufferPointer(buffer.extracting(..<count))
            try read(into: bytes)
            initialized = count
        }
    }

    /// All bytes of all elements, in native byte order.
    ///
    /// - Throws: ``HDF5Error`` as ``read(into:)``, and `tooLarge`.
    package func bytes(within limit: HDF5SizeLimit = .standard) throws -> [UInt8] {
        try requireSize(within: limit)
        return try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initialized in
            try read(into: UnsafeMutableRawBufferPointer(buffer.extracting(..<byteCount)))
            initialized = byteCount
        }
    }

    /// All texts of a dataset of texts.
    ///
    /// - Throws: ``HDF5Error`` as ``read(into:)``, and `tooLarge`, `invalidText`.
    package func strings(within limit: HDF5SizeLimit = .standard) throws -> [String] {
        try texts(within: limit).map { text in
            guard let string = String(validating: text, as: UTF8.self) else {
                throw place.error(.invalidText, "a text is not UTF-8")
            }
            return string
        }
    }

    /// The bytes of all texts of a dataset of texts.
    func texts(within limit: HDF5SizeLimit = .standard) throws -> [[UInt8]] {
        try requireSize(within: limit)
        return try HDF5Library.call(place) { scope in
            guard count > 0 else { return [] }
            let id = try handle.raw(scope)
            let type = try scope.own(
                H5Dget_type(id), H5Tclose, doing: "cannot read the dataset's type")
            let space = try scope.own(
                H5Dget_space(id), H5Sclose, doing: "cannot read the dataset's shape")
            return try StringCoding.texts(
                elementType, count: count, type: type, space: space, in: handle.file, scope
            ) { H5Dread(id, $0, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), $1) }
        }
    }

    private func read(
        _ id: hid_t, _ type: hid_t, memory: hid_t, file: hid_t, _ base: UnsafeMutableRawPointer,
        _ scope: CallScope
    ) throws {
        guard H5Dread(id, type, memory, file, hid_t(H5P_DEFAULT), base) < 0 else { return }
        let failure = scope.failure("cannot read the values", .damaged)
        // Asked only now: a chunk may have left out a filter that is not there.
        if let missing = filters.first(where: { H5Zfilter_avail($0.id) <= 0 }) {
            throw scope.error(.unsupportedFilter, "\(missing) is needed, and not available")
        }
        throw failure
    }

    /// The type of elements in memory: the same kind in native byte order.
    func memoryType(_ id: hid_t, _ scope: CallScope) throws -> hid_t {
        switch elementType {
        case .bool, .opaque, .fixedString:
            // Nothing to convert; the file's own type also has the names and the tag right.
            return try scope.own(
                H5Dget_type(id), H5Tclose, doing: "cannot read the dataset's type")
        case .variableString:
            throw scope.error(.unsupportedType, "texts of any length are not plain values")
        default:
            return try elementType.makeType(scope)
        }
    }

    /// The buffer's address if there is anything to do, checked to hold `count` elements.
    func address(
        _ buffer: UnsafeMutableRawBufferPointer, count: Int, _ scope: CallScope
    ) throws -> UnsafeMutableRawPointer? {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: elementType.size)
        guard !overflow, buffer.count == bytes else {
            throw scope.error(
                .wrongShape, "\(count) elements do not fit a buffer of \(buffer.count) bytes")
        }
        return bytes == 0 ? nil : buffer.baseAddress
    }

    /// The dataspaces of a part, in the file and in memory.
    func select(
        _ slab: HDF5Slab, of id: hid_t, _ scope: CallScope
    ) throws -> (file: hid_t, memory: hid_t, count: Int) {
        let rank = shape.count
        guard !isNull, slab.start.count == rank, slab.count.count == rank,
            slab.stride.count == rank
        else { throw scope.error(.wrongShape, "the part has not the dataset's rank \(rank)") }
        for axis in 0..<rank {
            let (start, count, stride) = (slab.start[axis], slab.count[axis], slab.stride[axis])
            guard start >= 0, count >= 0, stride >= 1 else {
                throw scope.error(.wrongShape, "the part has negative numbers")
            }
            // The last index is start + (count - 1) * stride.
            let (span, overflow) = max(count - 1, 0).multipliedReportingOverflow(by: stride)
            guard !overflow, start <= shape[axis],
                count == 0 || span < shape[axis] - start
            else { throw scope.error(.wrongShape, "the part goes beyond axis \(axis)") }
        }
        let extent = try Extent(shape: slab.count, scope)
        let file = try scope.own(
            H5Dget_space(id), H5Sclose, doing: "cannot read the dataset's shape")
        if rank > 0 && extent.count > 0 {
            try scope.check(
                H5Sselect_hyperslab(
                    file, H5S_SELECT_SET, slab.start.map { hsize_t($0) },
                    slab.stride.map { hsize_t($0) }, slab.count.map { hsize_t($0) }, nil),
                doing: "cannot select the part", fallback: .library)
        }
        return (file, try extent.makeSpace(scope), extent.count)
    }
}
