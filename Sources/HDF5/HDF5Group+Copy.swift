import CHDF5

extension HDF5Group {
    /// Copies an object, with all that is below it, from another group, unchanged.
    ///
    /// An object that has several names in the source has them in the copy.
    ///
    /// - Parameters:
    ///   - path: Where it is to stand.
    ///   - sourcePath: Where it stands in `source`.
    ///   - source: A group, in this file or another.
    /// - Throws: ``HDF5Error`` with `notFound`, `refusedLink`, `refusedStorage`, `cycle`, `tooDeep`,
    ///   `damaged` about the source, `unsupportedType` for references, which mean nothing in another
    ///   file, and for compounds and lists that hold texts or content of any length; with `exists`,
    ///   `io`, `closed` about the copy.
    package func copy(_ path: String, from sourcePath: String, in source: HDF5Group) throws {
        let found = try HDF5Library.call(source.place.child(sourcePath)) { scope in
            let found = try source.resolve(sourcePath, scope)
            return HDF5Link(name: sourcePath, kind: .hard(found.kind, found.token))
        }
        var copier = Copier(target: self)
        try copier.copy(found, in: source, to: path)
    }
}

/// Copies objects one by one: libhdf5's own recursive copy trusts what it meets on the way.
private struct Copier {
    let target: HDF5Group
    /// Where the copies of objects stand that were met already.
    var copies: [HDF5ObjectToken: String] = [:]
    var ancestors: [HDF5ObjectToken] = []

    mutating func copy(_ link: HDF5Link, in source: HDF5Group, to path: String) throws {
        let place = source.place.child(link.name)
        switch link.kind {
        case .soft: throw place.error(.refusedLink(.soft), "this is a soft link")
        case .external: throw place.error(.refusedLink(.external), "this is an external link")
        case .userDefined:
            throw place.error(.refusedLink(.userDefined), "this is a user-defined link")
        case .hard(let kind, let token):
            guard !ancestors.contains(token) else {
                throw place.error(.cycle, "the group contains itself")
            }
            if let first = copies[token] {
                try target.makeHardLink(path, to: first)
                return
            }
            switch kind {
            case .group: try copyGroup(try source.group(link.name), token, to: path)
            case .dataset: try copyDataset(try source.dataset(link.name), link, source, to: path)
            case .namedType: try target.copyPlain(path, from: link.name, in: source)
            case .unknown: throw place.error(.wrongKind, "this is no known kind of object")
            }
            copies[token] = path
        }
    }

    private mutating func copyGroup(
        _ source: HDF5Group, _ token: HDF5ObjectToken, to path: String
    ) throws {
        ancestors.append(token)
        defer { ancestors.removeLast() }
        guard ancestors.count <= 64 else {
            throw source.place.error(.tooDeep, "groups are nested deeper than 64")
        }
        let copy = try target.createGroup(path)
        try copy.attributes.copyAll(from: source.attributes)
        for link in try source.links(order: .creation) {
            try self.copy(link, in: source, to: "\(path)/\(link.name)")
        }
    }

    private func copyDataset(
        _ dataset: HDF5Dataset, _ link: HDF5Link, _ source: HDF5Group, to path: String
    ) throws {
        if case .variableString = dataset.elementType, dataset.count > 0 {
            try target.copyTexts(path, from: dataset)
        } else {
            try dataset.requireNoReferences()
            try target.copyPlain(path, from: link.name, in: source)
        }
        let copy = try target.dataset(path)
        try copy.attributes.copyAll(from: dataset.attributes)
    }
}

extension HDF5Group {
    /// Copies a dataset or named type without its attributes; chunks stay as they are.
    fileprivate func copyPlain(
        _ path: String, from name: String, in source: HDF5Group
    ) throws {
        try HDF5Library.call(place.child(path)) { scope in
            let found = try source.resolve(name, scope)
            let link = try newLink(path, scope)
            let settings = try scope.propertyList(chdf5_p_object_copy())
            let doing = "cannot copy the object"
            try scope.check(
                H5Pset_copy_object(settings, UInt32(H5O_COPY_WITHOUT_ATTR_FLAG)), doing: doing,
                fallback: .library)
            try scope.check(
                H5Ocopy(
                    found.parent, found.name, link.parent, link.name, settings, link.creation),
                doing: doing, fallback: .library)
        }
    }

    /// Copies a dataset of texts of any length, in one piece.
    fileprivate func copyTexts(_ path: String, from source: HDF5Dataset) throws {
        let texts = try source.texts()
        let copy = try createDataset(path, source.elementType, shape: source.shape)
        try copy.write(texts: texts)
    }

    fileprivate func makeHardLink(_ path: String, to existing: String) throws {
        try HDF5Library.call(place.child(path)) { scope in
            let link = try newLink(path, scope)
            try scope.check(
                H5Lcreate_hard(
                    try handle.raw(scope), existing, link.parent, link.name, link.creation,
                    hid_t(H5P_DEFAULT)), doing: "cannot make the link", fallback: .library)
        }
    }
}

extension HDF5Dataset {
    fileprivate func requireNoReferences() throws {
        try HDF5Library.call(place) { scope in
            let type = try scope.own(
                H5Dget_type(try handle.raw(scope)), H5Tclose,
                doing: "cannot read the dataset's type")
            try elementType.requireNoReferences(type, scope)
        }
    }
}

extension HDF5ElementType {
    /// Refuses what means nothing in another file, or holds content of any length within.
    func requireNoReferences(_ type: hid_t, _ scope: CallScope) throws {
        guard case .other(let kind, _) = self else { return }
        for part in [H5T_REFERENCE, H5T_VLEN, H5T_STRING] {
            let found = try scope.check(
                H5Tdetect_class(type, part), doing: "cannot read the element type")
            guard found == 0 else {
                throw scope.error(.unsupportedType, "values of type '\(kind)' cannot be copied")
            }
        }
    }
}
