import CHDF5

/// The attributes of a group or dataset.
package struct HDF5Attributes: Sendable {
    let handle: ObjectHandle
    let place: HDF5Place

    /// The most bytes that reading one attribute may take.
    ///
    /// An object header holds 64 KiB, newer files more in heaps; the topology of the largest Keras
    /// networks takes single megabytes.
    package static let sizeLimit = 256 << 20

    /// What an attribute holds.
    package struct Info: Sendable, Hashable {
        /// Lengths of the dimensions, empty for a scalar.
        package let shape: [Int]
        /// Whether there is no value (`h5py.Empty`).
        package let isNull: Bool
        package let elementType: HDF5ElementType
        /// The product of the lengths.
        package let count: Int
    }

    /// The names of all attributes, by the bytes of the names.
    ///
    /// - Throws: ``HDF5Error`` with `damaged`, `invalidText` for a name that is not UTF-8, `closed`.
    package func names() throws -> [String] {
        try HDF5Library.call(place) { scope in
            var collected = NameCollection()
            let id = try handle.raw(scope)
            // Where an attribute cannot be decoded, libhdf5 1.10 lists uninitialised memory. Looking
            // one up decodes all of them, safely.
            try scope.check(H5Aexists(id, "\u{1}"), doing: "cannot list the attributes")
            let status = withUnsafeMutablePointer(to: &collected) { pointer in
                H5Aiterate2(
                    id, H5_INDEX_NAME, H5_ITER_INC, nil,
                    { _, name, _, context in
                        guard let name, let context else { return -1 }
                        return context.assumingMemoryBound(to: NameCollection.self).pointee
                            .add(name) ? 0 : -1
                    }, pointer)
            }
            guard !collected.hasInvalidName else {
                throw scope.error(.invalidText, "an attribute's name is not UTF-8")
            }
            try scope.check(status, doing: "cannot list the attributes")
            return collected.names
        }
    }

    /// Whether there is an attribute of that name.
    package func contains(_ name: String) throws -> Bool {
        try HDF5Library.call(place.attribute(name)) { scope in
            try HDF5File.requireNoNul(name, scope)
            return try scope.check(
                H5Aexists(try handle.raw(scope), name), doing: "cannot look up the attribute") > 0
        }
    }

    /// Shape and type of an attribute.
    ///
    /// - Throws: ``HDF5Error`` with `notFound`, `damaged`, `tooLarge`, `closed`.
    package func info(_ name: String) throws -> Info {
        try open(name) { $0.info }
    }

    /// Removes an attribute.
    ///
    /// - Throws: ``HDF5Error`` with `notFound`, `closed`.
    package func remove(_ name: String) throws {
        try HDF5Library.call(place.attribute(name)) { scope in
            try HDF5File.requireNoNul(name, scope)
            try scope.check(
                H5Adelete(try handle.raw(scope), name), doing: "cannot remove the attribute",
                fallback: .library)
        }
    }

    /// An attribute while a call works on it.
    struct Opened {
        let id: hid_t
        let type: hid_t
        let space: hid_t
        let info: Info
        let scope: CallScope

        /// Bytes of the values in memory, text of any length apart; within the limit.
        func byteCount() throws -> Int {
            let (bytes, overflow) = info.count.multipliedReportingOverflow(
                by: max(info.elementType.size, H5Tget_size(type)))
            guard !overflow, bytes <= HDF5Attributes.sizeLimit else {
                throw scope.error(
                    .tooLarge, "the attribute claims more than \(HDF5Attributes.sizeLimit) bytes")
            }
            return bytes
        }
    }

    func open<Result>(_ name: String, _ body: (Opened) throws -> Result) throws -> Result {
        try HDF5Library.call(place.attribute(name)) { scope in
            try HDF5File.requireNoNul(name, scope)
            let object = try handle.raw(scope)
            let found = try scope.check(
                H5Aexists(object, name), doing: "cannot look up the attribute")
            guard found > 0 else {
                throw scope.error(.notFound, "there is no attribute \(quoted(name))")
            }
            let id = try scope.own(
                H5Aopen(object, name, hid_t(H5P_DEFAULT)), H5Aclose,
                doing: "cannot open the attribute")
            let type = try scope.own(
                H5Aget_type(id), H5Tclose, doing: "cannot read the attribute's type")
            let space = try scope.own(
                H5Aget_space(id), H5Sclose, doing: "cannot read the attribute's shape")
            let extent = try Extent(space: space, scope)
            let info = Info(
                shape: extent.shape, isNull: extent.isNull,
                elementType: try HDF5ElementType(id: type, scope), count: extent.count)
            return try body(Opened(id: id, type: type, space: space, info: info, scope: scope))
        }
    }
}

/// Names are collected first and looked at afterwards: nothing may throw out of libhdf5's callback.
private struct NameCollection {
    var names: [String] = []
    var hasInvalidName = false

    mutating func add(_ name: UnsafePointer<CChar>) -> Bool {
        guard let name = String(validatingCString: name) else {
            hasInvalidName = true
            return false
        }
        names.append(name)
        return true
    }
}
