import CHDF5

/// A dataset: an array of elements of one type.
///
/// What the file says of it is read once, when it is opened.
package struct HDF5Dataset: Sendable {
    let handle: ObjectHandle
    let place: HDF5Place

    /// The path by which the dataset was opened.
    package var path: String { place.path }
    /// Lengths of the dimensions, empty for a scalar.
    package let shape: [Int]
    /// Whether there is no value (`h5py.Empty`).
    package let isNull: Bool
    /// The product of the lengths.
    package let count: Int
    package let elementType: HDF5ElementType
    /// Whether elements stand in the file as they stand in memory, so that they may be mapped.
    package let hasNativeByteOrder: Bool
    package let layout: HDF5Layout
    /// The filters in the order in which writing applies them.
    package let filters: [HDF5Filter]

    /// The dataset's attributes.
    package var attributes: HDF5Attributes { HDF5Attributes(handle: handle, place: place) }

    /// Bytes of all elements in memory.
    package let byteCount: Int

    /// Takes over an open dataset and refuses what leads out of the file.
    init(handle: ObjectHandle, place: HDF5Place, _ scope: CallScope) throws {
        self.handle = handle
        self.place = place
        let id = try handle.raw(scope)
        let creation = try scope.own(
            H5Dget_create_plist(id), H5Pclose, doing: "cannot read the dataset's settings")
        // Before anything else: asking a virtual dataset for its shape may open other files.
        let kind = H5Pget_layout(creation)
        guard kind != H5D_VIRTUAL else {
            throw scope.error(.refusedStorage(.virtual), "the values lie in other datasets")
        }
        guard try scope.check(H5Pget_external_count(creation), doing: "cannot read storage") == 0
        else {
            throw scope.error(.refusedStorage(.external), "the values lie in other files")
        }
        let type = try scope.own(
            H5Dget_type(id), H5Tclose, doing: "cannot read the dataset's type")
        let space = try scope.own(
            H5Dget_space(id), H5Sclose, doing: "cannot read the dataset's shape")
        let extent = try Extent(space: space, scope)
        elementType = try HDF5ElementType(id: type, scope)
        let (bytes, overflow) = extent.count.multipliedReportingOverflow(
            by: max(elementType.size, H5Tget_size(type)))
        guard !overflow else {
            throw scope.error(.tooLarge, "the shape \(extent.shape) has more bytes than can be")
        }
        (shape, isNull, count, byteCount) = (extent.shape, extent.isNull, extent.count, bytes)
        hasNativeByteOrder = elementType.size == 1 || Self.isNative(type, elementType)
        layout = try Self.layout(kind, creation, rank: extent.shape.count, scope)
        filters = layout.isChunked ? try HDF5Filter.pipeline(creation, scope) : []
    }

    /// Bytes that the values take in the file.
    package var storageSize: Int {
        get throws {
            try HDF5Library.call(place) { scope in
                Int(clamping: H5Dget_storage_size(try handle.raw(scope)))
            }
        }
    }

    /// Where in the file the values stand: for contiguous ones that are written or allocated.
    ///
    /// With ``hasNativeByteOrder`` the ``byteCount`` bytes from there are the values as they stand in
    /// memory; they need not be aligned. Checked to lie within the file.
    package var fileOffset: Int? {
        get throws {
            guard layout == .contiguous, byteCount > 0 else { return nil }
            return try HDF5Library.call(place) { scope in
                let id = try handle.raw(scope)
                let address = H5Dget_offset(id)
                guard address != chdf5_addr_undefined() else { return nil }
                guard let offset = Int(exactly: address),
                    Int(clamping: H5Dget_storage_size(id)) >= byteCount
                else { throw scope.error(.damaged, "the values lie outside of the file") }
                return offset
            }
        }
    }

    /// The identity of the dataset, to recognise it when it is reached by another path.
    package var token: HDF5ObjectToken {
        get throws {
            try HDF5Library.call(place) { scope in
                try objectInfo(try handle.raw(scope), ".", scope).token
            }
        }
    }

    /// Closes the dataset before its file; a second time does nothing.
    ///
    /// - Throws: ``HDF5Error`` with `io` for a full disk.
    package func close() throws {
        try HDF5Library.call(place) { scope in try handle.close(scope) }
    }

    private static func isNative(_ type: hid_t, _ element: HDF5ElementType) -> Bool {
        switch element {
        case .opaque, .fixedString: true
        case .variableString, .other: false
        default: H5Tget_order(type) == H5T_ORDER_LE
        }
    }

    private static func layout(
        _ kind: H5D_layout_t, _ creation: hid_t, rank: Int, _ scope: CallScope
    ) throws -> HDF5Layout {
        switch kind {
        case H5D_COMPACT: return .compact
        case H5D_CONTIGUOUS: return .contiguous
        case H5D_CHUNKED:
            var lengths = [hsize_t](repeating: 0, count: rank)
            let found = try scope.check(
                H5Pget_chunk(creation, Int32(rank), &lengths),
                doing: "cannot read the chunks' shape")
            let shape = lengths.compactMap { Int(exactly: $0) }
            guard found == rank, rank > 0, shape.count == rank, shape.allSatisfy({ $0 > 0 }) else {
                throw scope.error(.damaged, "the chunks' shape does not fit the dataset's")
            }
            return .chunked(shape: shape)
        default:
            throw scope.error(.damaged, "the values are stored in no known way")
        }
    }
}

extension HDF5Layout {
    var isChunked: Bool {
        if case .chunked = self { true } else { false }
    }
}
