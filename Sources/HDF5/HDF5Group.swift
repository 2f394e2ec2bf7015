import CHDF5

/// A group: names for groups, datasets and named types.
///
/// Paths are relative, with `/` between names. Only hard links are followed; soft, external and
/// user-defined ones are refused wherever they stand in a path.
package struct HDF5Group: Sendable {
    let handle: ObjectHandle
    /// The path by which the group was opened, `/` for the root.
    package let path: String

    var place: HDF5Place { HDF5Place(file: handle.file.name, path: path) }

    /// The group's attributes.
    package var attributes: HDF5Attributes { HDF5Attributes(handle: handle, place: place) }

    /// The identity of the group, to recognise it when it is reached by another path.
    package var token: HDF5ObjectToken {
        get throws {
            try HDF5Library.call(place) { scope in
                try objectInfo(try handle.raw(scope), ".", scope).token
            }
        }
    }

    /// The group at `path`.
    ///
    /// - Throws: ``HDF5Error`` with `notFound`, `wrongKind`, `refusedLink`, `damaged`, `closed`.
    package func group(_ path: String) throws -> HDF5Group {
        let place = place.child(path)
        return try HDF5Library.call(place) { scope in
            let found = try resolve(path, scope)
            guard found.kind == .group else {
                throw scope.error(.wrongKind, "this is not a group")
            }
            let id = H5Gopen2(found.parent, found.name, hid_t(H5P_DEFAULT))
            try scope.check(id, doing: "cannot open the group")
            let handle = ObjectHandle(id: id, close: H5Gclose, in: handle.file)
            return HDF5Group(handle: handle, path: place.path)
        }
    }

    /// The dataset at `path`.
    ///
    /// - Throws: ``HDF5Error`` as ``group(_:)``, and `refusedStorage` for values in other files,
    ///   `tooLarge` for a shape whose bytes cannot be counted.
    package func dataset(_ path: String) throws -> HDF5Dataset {
        let place = place.child(path)
        return try HDF5Library.call(place) { scope in
            let found = try resolve(path, scope)
            guard found.kind == .dataset else {
                throw scope.error(.wrongKind, "this is not a dataset")
            }
            let id = H5Dopen2(found.parent, found.name, hid_t(H5P_DEFAULT))
            try scope.check(id, doing: "cannot open the dataset")
            let handle = ObjectHandle(id: id, close: H5Dclose, in: handle.file)
            return try HDF5Dataset(handle: handle, place: place, scope)
        }
    }

    /// Whether hard links lead to an object at `path`.
    ///
    /// - Throws: ``HDF5Error`` with `refusedLink`, if another kind of link stands in the way.
    package func exists(_ path: String) throws -> Bool {
        do {
            return try HDF5Library.call(place.child(path)) { scope in
                _ = try resolve(path, scope)
                return true
            }
        } catch let error as HDF5Error where error.code == .notFound {
            return false
        }
    }

    /// Closes the group before its file; a second time does nothing.
    package func close() throws {
        try HDF5Library.call(place) { scope in try handle.close(scope) }
    }
}

/// An object found behind a path: its name in its parent, which the call scope holds open.
struct ResolvedPath {
    let parent: hid_t
    let name: String
    let kind: HDF5ObjectKind
    let token: HDF5ObjectToken
}

extension HDF5Group {
    /// Follows hard links along `path`, one name after the other.
    func resolve(_ path: String, _ scope: CallScope) throws -> ResolvedPath {
        try HDF5File.requireNoNul(path, scope)
        let names = path.split(separator: "/").map(String.init).filter { $0 != "." }
        var parent = try handle.raw(scope)
        guard let last = names.last else {
            let info = try objectInfo(parent, ".", scope)
            return ResolvedPath(parent: parent, name: ".", kind: info.kind, token: info.token)
        }
        for name in names.dropLast() {
            try requireHardLink(parent, name, scope)
            guard try objectInfo(parent, name, scope).kind == .group else {
                throw scope.error(.notFound, "\(quoted(name)) is not a group")
            }
            parent = try scope.own(
                H5Gopen2(parent, name, hid_t(H5P_DEFAULT)), H5Gclose,
                doing: "cannot open the group \(quoted(name))")
        }
        try requireHardLink(parent, last, scope)
        let info = try objectInfo(parent, last, scope)
        return ResolvedPath(parent: parent, name: last, kind: info.kind, token: info.token)
    }

    private func requireHardLink(_ parent: hid_t, _ name: String, _ scope: CallScope) throws {
        let found = try scope.check(
            H5Lexists(parent, name, hid_t(H5P_DEFAULT)), doing: "cannot look up \(quoted(name))")
        guard found > 0 else { throw scope.error(.notFound, "there is no \(quoted(name))") }
        var info = H5L_info_t()
        try scope.check(
            H5Lget_info(parent, name, &info, hid_t(H5P_DEFAULT)),
            doing: "cannot look up \(quoted(name))")
        switch info.type {
        case H5L_TYPE_HARD: return
        case H5L_TYPE_SOFT:
            throw scope.error(.refusedLink(.soft), "\(quoted(name)) is a soft link")
        case H5L_TYPE_EXTERNAL:
            throw scope.error(
                .refusedLink(.external), "\(quoted(name)) is a link to another file")
        default:
            throw scope.error(
                .refusedLink(.userDefined), "\(quoted(name)) is a user-defined link")
        }
    }
}

/// Kind and identity of the object behind a hard link.
func objectInfo(
    _ parent: hid_t, _ name: String, _ scope: CallScope
) throws -> (kind: HDF5ObjectKind, token: HDF5ObjectToken) {
    var info = H5O_info_t()
    try scope.check(
        H5Oget_info_by_name2(parent, name, &info, H5O_INFO_BASIC, hid_t(H5P_DEFAULT)),
        doing: "cannot open the object \(quoted(name))")
    let kind: HDF5ObjectKind =
        switch info.type {
        case H5O_TYPE_GROUP: .group
        case H5O_TYPE_DATASET: .dataset
        case H5O_TYPE_NAMED_DATATYPE: .namedType
        default: .unknown
        }
    return (kind, HDF5ObjectToken(fileNumber: info.fileno, address: info.addr))
}

/// A name from a file, made fit for a message.
func quoted(_ name: String) -> String {
    let clean = name.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: clean.prefix(80))
    return "'\(String(result))'"
}
