import CHDF5

/// An open HDF5 file, on disk or in memory.
///
/// Groups and datasets keep their file open; ``close()`` closes them with it. A file that was written
/// must be closed explicitly: a full disk may show only then. Files may be used from any thread; the
/// calls take turns.
package final class HDF5File: Sendable {
    /// The file as it was named when it was opened, for messages.
    package let name: String
    let handle: FileHandle
    private let rootHandle: ObjectHandle

    /// The top group.
    package var root: HDF5Group { HDF5Group(handle: rootHandle, path: "/") }

    init(handle: FileHandle) throws {
        self.handle = handle
        self.name = handle.name
        self.rootHandle = try HDF5Library.call(HDF5Place(file: handle.name, path: "/")) { scope in
            let id = H5Gopen2(try handle.raw(scope), "/", hid_t(H5P_DEFAULT))
            try scope.check(id, doing: "cannot open the root group")
            return ObjectHandle(id: id, close: H5Gclose, in: handle)
        }
    }

    /// Opens a file for reading.
    ///
    /// A shared lock is taken where the file system has locks, and done without elsewhere.
    ///
    /// - Throws: ``HDF5Error`` with `notFound`, `notHDF5`, `truncated`, `damaged`, `busy`, `io`.
    package convenience init(reading path: String) throws {
        let place = HDF5Place(file: path, path: "")
        let handle = try HDF5Library.call(place) { scope in
            try Self.requireNoNul(path, scope)
            return try Self.open(FileReader(path: path, scope), name: path, scope)
        }
        try self.init(handle: handle)
    }

    /// Creates a file for writing.
    ///
    /// - Parameters:
    ///   - path: Where.
    ///   - replacing: Whether an existing file is emptied; otherwise it is an error.
    ///   - options: The file's format.
    /// - Throws: ``HDF5Error`` with `exists`, `notFound` (the directory), `busy`, `io`.
    package convenience init(
        creating path: String, replacing: Bool = false, options: HDF5CreationOptions = .init()
    ) throws {
        let place = HDF5Place(file: path, path: "")
        let handle = try HDF5Library.call(place) { scope in
            try Self.requireNoNul(path, scope)
            let access = try Self.accessList(scope)
            try options.apply(to: access, scope)
            let store = try FileWriter(path: path, replacing: replacing, scope)
            try StoreDriver.apply(store, to: access, scope)
            let id = H5Fcreate(path, chdf5_acc_trunc(), try Self.creationList(scope), access)
            try scope.check(id, doing: "cannot create the file", fallback: .library)
            return FileHandle(id: id, name: path, store: store)
        }
        try self.init(handle: handle)
    }

    /// Writes what is pending to the disk, without closing.
    ///
    /// - Throws: ``HDF5Error`` with `io` for a full disk, `closed`.
    package func flush() throws {
        try HDF5Library.call(HDF5Place(file: name, path: "")) { scope in
            _ = try scope.check(
                H5Fflush(try handle.raw(scope), H5F_SCOPE_GLOBAL),
                doing: "cannot write the file", fallback: .library)
        }
    }

    /// Writes what is pending, and closes the file and all objects opened in it.
    ///
    /// Their use afterwards is an error; a second `close()` does nothing.
    ///
    /// - Throws: ``HDF5Error`` with `io` for a full disk; the file is closed all the same.
    package func close() throws {
        try HDF5Library.call(HDF5Place(file: name, path: "")) { scope in
            try handle.close(scope)
        }
    }

    /// How many files and objects in files this process holds open; for tests of leaks.
    package static var openObjectCount: Int { HDF5Library.openObjectCount }

    /// How many ids of any kind this process holds, types and dataspaces included; for tests of leaks.
    package static var openIdentifierCount: Int { HDF5Library.openIdentifierCount }
}

extension HDF5File {
    static let cannotOpen = "cannot open the file"

    /// Opens what is in `store` for reading.
    static func open(_ store: FileStore, name: String, _ scope: CallScope) throws -> FileHandle {
        let access = try accessList(scope)
        try StoreDriver.apply(store, to: access, scope)
        let id = H5Fopen(name, chdf5_acc_rdonly(), access)
        do {
            try scope.check(id, doing: cannotOpen)
        } catch {
            // Not that the content is bad, but that it cannot be read.
            try store.check(scope)
            throw error
        }
        return FileHandle(id: id, name: name, store: store)
    }

    /// Access settings that reading and writing share.
    static func accessList(_ scope: CallScope) throws -> hid_t {
        let list = try scope.propertyList(chdf5_p_file_access())
        let doing = "cannot set up access to the file"
        // Our handles close all objects first; should one slip through, the file is closed all the same.
        try scope.check(H5Pset_fclose_degree(list, H5F_CLOSE_STRONG), doing: doing)
        // The stores lock their files themselves.
        try scope.check(H5Pset_file_locking(list, false, true), doing: doing)
        return list
    }

    /// Creation settings of every file: no times, so that two runs give the same bytes.
    static func creationList(_ scope: CallScope) throws -> hid_t {
        let list = try scope.propertyList(chdf5_p_file_create())
        try scope.check(
            H5Pset_obj_track_times(list, false), doing: "cannot set up the file",
            fallback: .library)
        return list
    }

    static func requireNoNul(_ text: String, _ scope: CallScope) throws {
        guard !text.utf8.contains(0) else {
            throw scope.error(.invalidText, "a name cannot hold a zero byte")
        }
    }
}
