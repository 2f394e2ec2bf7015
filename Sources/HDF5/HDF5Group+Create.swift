import CHDF5

extension HDF5Group {
    /// Creates a group; groups on the way to it are made where they are missing.
    ///
    /// - Throws: ``HDF5Error`` with `exists`, `refusedLink`, `io`, `closed`.
    package func createGroup(_ path: String) throws -> HDF5Group {
        let place = place.child(path)
        return try HDF5Library.call(place) { scope in
            let links = try linkCreation(path, scope)
            let creation = try scope.propertyList(chdf5_p_group_create())
            try scope.check(
                H5Pset_obj_track_times(creation, false), doing: "cannot set up the group",
                fallback: .library)
            let id = H5Gcreate2(
                try handle.raw(scope), path, links, creation, hid_t(H5P_DEFAULT))
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
            let links = try linkCreation(path, scope)
            let extent = try Extent(shape: shape, scope)
            let creation = try datasetCreation(type, extent, layout, filters, scope)
            let id = H5Dcreate2(
                try handle.raw(scope), path, try type.makeType(scope),
                try extent.makeSpace(scope), links, creation, hid_t(H5P_DEFAULT))
            try scope.check(id, doing: "cannot create the dataset", fallback: .library)
            return try HDF5Dataset(
                handle: ObjectHandle(id: id, close: H5Dclose, in: handle.file), place: place,
                scope)
        }
    }

    /// Copies an object, with all that is below it, from another group, unchanged.
    ///
    /// Links of other kinds than hard ones are copied as they are, not followed.
    ///
    /// - Parameters:
    ///   - path: Where it is to stand.
    ///   - sourcePath: Where it stands in `source`.
    ///   - source: A group, in this file or another.
    /// - Throws: ``HDF5Error`` with `notFound`, `refusedLink`, `damaged`, `exists`, `io`, `closed`.
    package func copy(_ path: String, from sourcePath: String, in source: HDF5Group) throws {
        try HDF5Library.call(place.child(path)) { scope in
            let links = try linkCreation(path, scope)
            let found = try source.resolve(sourcePath, scope)
            try scope.check(
                H5Ocopy(
                    found.parent, found.name, try handle.raw(scope), path, hid_t(H5P_DEFAULT),
                    links), doing: "cannot copy the object", fallback: .library)
        }
    }

    /// Settings for a new link at `path`, after checking that no foreign link stands in the way.
    private func linkCreation(_ path: String, _ scope: CallScope) throws -> hid_t {
        let names = path.split(separator: "/").filter { $0 != "." }
        guard !names.isEmpty else { throw scope.error(.exists, "a new object needs a name") }
        do {
            _ = try resolve(path, scope)
            throw scope.error(.exists, "the name is taken")
        } catch let error as HDF5Error where error.code == .notFound {
            // The names from the first missing one on are free.
        }
        let list = try scope.propertyList(chdf5_p_link_create())
        let doing = "cannot set up the link"
        try scope.check(
            H5Pset_create_intermediate_group(list, 1), doing: doing, fallback: .library)
        // Names are UTF-8, and say so, as h5py's do; ASCII ones need not.
        let encoding = path.utf8.allSatisfy { $0 < 0x80 } ? H5T_CSET_ASCII : H5T_CSET_UTF8
        try scope.check(
            H5Pset_char_encoding(list, encoding), doing: doing, fallback: .library)
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
