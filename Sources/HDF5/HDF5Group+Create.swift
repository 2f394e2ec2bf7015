import CHDF5

extension HDF5Group {
    /// Creates a group; groups on the way to it are made where they are missing.
    ///
    /// - Throws: ``HDF5Error`` with `exists`, `refusedLink`, `io`, `closed`.
    package func createGroup(_ path: String) throws -> HDF5Group {
        let place = place.child(path)
        return try HDF5Library.call(place) { scope in
            let link = try newLink(path, scope)
            let creation = try groupCreation(scope)
            let id = H5Gcreate2(
                link.parent, link.name, link.creation, creation, hid_t(H5P_DEFAULT))
            try scope.check(id, doing: "cannot create the group", fallback: .library)
            return HDF5Group(
                handle: ObjectHandle(id: id, close: H5Gclose, in: handle.file), path: place.path)
        }
    }

    /// Creates a dataset; groups on the way to it are made where they are missing.
    ///
    /// Space is taken at once and not filled (chunks: as they are written), so what is never written
    /// is undefined.
    ///
    /// - Parameters:
    ///   - path: Where.
    ///   - type: The element type; it stands in the file little-endian.
    ///   - shape: Lengths of the dimensions, empty for a scalar.
    ///   - layout: How the values are stored. Scalars and empty shapes cannot be chunked and become
    ///     contiguous.
    ///   - filters: What every chunk passes, in order.
    /// - Returns: The dataset, open for writing.
    /// - Throws: ``HDF5Error`` with `exists`, `wrongShape`, `unsupportedType`, `unsupportedFilter`,
    ///   `refusedLink`, `io`, `closed`.
    package func createDataset(
        _ path: String, _ type: HDF5ElementType, shape: [Int], layout: HDF5Layout = .contiguous,
        filters: [HDF5Filter] = []
    ) throws -> HDF5Dataset {
        let place = place.child(path)
        return try HDF5Library.call(place) { scope in
            let extent = try Extent(shape: shape, scope)
            let creation = try datasetCreation(type, extent, layout, filters, scope)
            let typeID = try type.makeType(scope)
            let space = try extent.makeSpace(scope)
            let link = try newLink(path, scope)
            let id = H5Dcreate2(
                link.parent, link.name, typeID, space, link.creation, creation,
                hid_t(H5P_DEFAULT))
            try scope.check(id, doing: "cannot create the dataset", fallback: .library)
            return try HDF5Dataset(
                handle: ObjectHandle(id: id, close: H5Dclose, in: handle.file), place: place,
                scope)
        }
    }

    /// A place for a new object: the group it goes to, its name there, and the link's settings.
    struct NewLink {
        let parent: hid_t
        let name: String
        let creation: hid_t
    }

    /// Makes the groups that are missing on the way to `path`.
    ///
    /// libhdf5 could do that on its own, but would write times into them.
    func newLink(_ path: String, _ scope: CallScope) throws -> NewLink {
        let names = path.split(separator: "/").map(String.init).filter { $0 != "." }
        guard let last = names.last else {
            throw scope.error(.exists, "a new object needs a name")
        }
        do {
            _ = try resolve(path, scope)
            throw scope.error(.exists, "the name is taken")
        } catch let error as HDF5Error where error.code == .notFound {
            // All links on the way that exist are hard ones.
        }
        let creation = try linkCreation(path, scope)
        var parent = try handle.raw(scope)
        for name in names.dropLast() {
            let doing = "cannot create the group \(quoted(name))"
            let exists = try scope.check(
                H5Lexists(parent, name, hid_t(H5P_DEFAULT)), doing: doing, fallback: .library)
            let id =
                exists > 0
                ? H5Gopen2(parent, name, hid_t(H5P_DEFAULT))
                : H5Gcreate2(
                    parent, name, creation, try groupCreation(scope), hid_t(H5P_DEFAULT))
            parent = try scope.own(id, H5Gclose, doing: doing, fallback: .library)
        }
        return NewLink(parent: parent, name: last, creation: creation)
    }

    /// Names are UTF-8, and say so, as h5py's do; ASCII ones need not.
    private func linkCreation(_ path: String, _ scope: CallScope) throws -> hid_t {
        let list = try scope.propertyList(chdf5_p_link_create())
        let encoding = path.utf8.allSatisfy { $0 < 0x80 } ? H5T_CSET_ASCII : H5T_CSET_UTF8
        try scope.check(
            H5Pset_char_encoding(list, encoding), doing: "cannot set up the link",
            fallback: .library)
        return list
    }

    private func groupCreation(_ scope: CallScope) throws -> hid_t {
        let list = try scope.propertyList(chdf5_p_group_create())
        try scope.check(
            H5Pset_obj_track_times(list, false), doing: "cannot set up the group",
            fallback: .library)
        return list
    }

    private func datasetCreation(
        _ type: HDF5ElementType, _ extent: Extent, _ layout: HDF5Layout, _ filters: [HDF5Filter],
        _ scope: CallScope
    ) throws -> hid_t {
        let list = try scope.propertyList(chdf5_p_dataset_create())
        let doing = "cannot set up the dataset"
        func check(_ status: herr_t) throws {
            try scope.check(status, doing: doing, fallback: .library)
        }
        try check(H5Pset_obj_track_times(list, false))
        // References to texts must be filled: what is never written must not point anywhere.
        let isPlain = type.isPlain
        try check(H5Pset_fill_time(list, isPlain ? H5D_FILL_TIME_NEVER : H5D_FILL_TIME_ALLOC))
        switch layout {
        case .compact:
            try check(H5Pset_layout(list, H5D_COMPACT))
        case .chunked(let shape) where extent.count > 0 && !extent.shape.isEmpty:
            guard shape.count == extent.shape.count,
                zip(shape, extent.shape).allSatisfy({ $0 > 0 && $0 <= $1 })
            else { throw scope.error(.wrongShape, "chunks of \(shape) do not fit the dataset") }
            try check(H5Pset_chunk(list, Int32(shape.count), shape.map { hsize_t($0) }))
            // Early allocation would take the space of uncompressed chunks first.
            try check(H5Pset_alloc_time(list, H5D_ALLOC_TIME_INCR))
            for filter in filters { try filter.add(to: list, scope) }
            return list
        case .contiguous, .chunked:
            try check(H5Pset_layout(list, H5D_CONTIGUOUS))
            try check(H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY))
        }
        guard filters.isEmpty || layout.isChunked else {
            throw scope.error(.wrongShape, "only chunks can pass filters")
        }
        return list
    }
}
