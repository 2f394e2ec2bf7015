import CHDF5

extension HDF5Group {
    /// All links of the group.
    ///
    /// - Complexity: One look at the header of every object linked to.
    /// - Throws: ``HDF5Error`` with `damaged`, `invalidText` for a name that is not UTF-8, `closed`.
    package func links(order: HDF5LinkOrder = .name) throws -> [HDF5Link] {
        try HDF5Library.call(place) { scope in
            let id = try handle.raw(scope)
            let byCreation = try order == .creation && tracksCreationOrder(id, scope)
            let raw = try rawLinks(id, scope).sorted { first, second in
                byCreation
                    ? first.creationIndex < second.creationIndex
                    : first.name.utf8.lexicographicallyPrecedes(second.name.utf8)
            }
            return try raw.map { try link($0, in: id, scope) }
        }
    }

    private func tracksCreationOrder(_ id: hid_t, _ scope: CallScope) throws -> Bool {
        let list = try scope.own(
            H5Gget_create_plist(id), H5Pclose, doing: "cannot read the group's settings")
        var flags: UInt32 = 0
        try scope.check(
            H5Pget_link_creation_order(list, &flags), doing: "cannot read the group's settings")
        return flags & UInt32(H5P_CRT_ORDER_TRACKED) != 0
    }

    /// In the order in which they are stored.
    ///
    /// For any other order libhdf5 1.10 makes a table of a large group's links; where it then meets damage, it
    /// frees entries that it has not yet filled.
    private func rawLinks(_ id: hid_t, _ scope: CallScope) throws -> [RawLink] {
        var collected = LinkCollection()
        let status = withUnsafeMutablePointer(to: &collected) { pointer in
            H5Literate(
                id, H5_INDEX_NAME, H5_ITER_NATIVE, nil,
                { _, name, info, context in
                    guard let name, let info, let context else { return -1 }
                    return context.assumingMemoryBound(to: LinkCollection.self).pointee
                        .add(name, info.pointee) ? 0 : -1
                }, pointer)
        }
        guard !collected.hasInvalidName else {
            throw scope.error(.invalidText, "the group holds a name that is not UTF-8")
        }
        try scope.check(status, doing: "cannot list the group")
        // libhdf5 would read such a name as a path, and follow whatever links stand on it.
        guard !collected.links.contains(where: { $0.name.contains("/") || $0.name == "." }) else {
            throw scope.error(.damaged, "the group holds a name that is a path")
        }
        return collected.links
    }

    private func link(_ raw: RawLink, in id: hid_t, _ scope: CallScope) throws -> HDF5Link {
        switch raw.type {
        case H5L_TYPE_HARD:
            let info = try objectInfo(id, raw.name, scope)
            return HDF5Link(name: raw.name, kind: .hard(info.kind, info.token))
        case H5L_TYPE_SOFT:
            let value = try linkValue(raw, in: id, scope)
            let target = String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
            return HDF5Link(name: raw.name, kind: .soft(target: target))
        case H5L_TYPE_EXTERNAL:
            // One byte of version and flags, then the file and the path, each ending in a zero byte.
            let parts = try linkValue(raw, in: id, scope).dropFirst()
                .split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
            let file = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
            let path = parts.dropFirst().first.map { String(decoding: $0, as: UTF8.self) } ?? ""
            return HDF5Link(name: raw.name, kind: .external(file: file, path: path))
        default:
            return HDF5Link(name: raw.name, kind: .userDefined)
        }
    }

    private func linkValue(
        _ raw: RawLink, in id: hid_t, _ scope: CallScope
    ) throws -> [UInt8] {
        // A link's value lies in an object header or a local heap, which can hold little more.
        guard raw.valueSize <= 1 << 20 else {
            throw scope.error(.tooLarge, "the link \(quoted(raw.name)) is too long")
        }
        var value = [UInt8](repeating: 0, count: raw.valueSize)
        try scope.check(
            H5Lget_val(id, raw.name, &value, value.count, hid_t(H5P_DEFAULT)),
            doing: "cannot read the link \(quoted(raw.name))")
        return value
    }
}

private struct RawLink {
    let name: String
    let type: H5L_type_t
    let valueSize: Int
    /// 0 where the group does not track it.
    let creationIndex: Int64
}

/// Names are collected first and looked at afterwards: nothing may throw out of libhdf5's callback.
private struct LinkCollection {
    var links: [RawLink] = []
    var hasInvalidName = false

    mutating func add(_ name: UnsafePointer<CChar>, _ info: H5L_info_t) -> Bool {
        guard let name = String(validatingCString: name) else {
            hasInvalidName = true
            return false
        }
        let size = info.type == H5L_TYPE_HARD ? 0 : info.u.val_size
        links.append(
            RawLink(
                name: name, type: info.type, valueSize: size,
                creationIndex: info.corder_valid ? info.corder : 0))
        return true
    }
}
