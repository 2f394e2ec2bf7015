import CHDF5

/// The id of an open file and the ids of all objects opened in it.
///
/// `@unchecked Sendable`: `fileID` and `objects` are read and changed only while ``HDF5Library`` is held.
final class FileHandle: @unchecked Sendable {
    let name: String
    private var fileID: hid_t?
    private var objects: [hid_t: Closer] = [:]
    /// What libhdf5 reads and writes, unless it keeps the file in memory of its own.
    private var store: FileStore?

    init(id: hid_t, name: String, store: FileStore? = nil) {
        self.fileID = id
        self.name = name
        self.store = store
    }

    /// The id of the file, while it is open.
    func raw(_ scope: CallScope) throws -> hid_t {
        guard let fileID else { throw scope.error(.closed, "the file was closed") }
        try scope.watch(store)
        return fileID
    }

    /// The bytes of a file that is only read, by whoever wrote it.
    var foreignStore: FileStore? {
        store is FileWriter ? nil : store
    }

    func add(_ id: hid_t, _ close: @escaping Closer) {
        objects[id] = close
    }

    func requireOpen(_ id: hid_t, _ scope: CallScope) throws {
        guard objects[id] != nil else { throw scope.error(.closed, "the object was closed") }
        try scope.watch(store)
    }

    /// Closes one object; a second time does nothing.
    @discardableResult
    func close(_ id: hid_t) -> herr_t {
        guard let close = objects.removeValue(forKey: id) else { return 0 }
        return close(id)
    }

    /// Closes all objects, then the file; everything is tried, and the first failure thrown.
    func close(_ scope: CallScope) throws {
        guard let fileID else { return }
        self.fileID = nil
        var failure: HDF5Error?
        func attempt(_ status: herr_t) {
            guard status < 0 else { return }
            let found = scope.failure("cannot write the rest of the file", .library)
            failure = failure ?? found
        }
        for id in objects.keys.sorted() { attempt(close(id)) }
        attempt(H5Fflush(fileID, H5F_SCOPE_GLOBAL))
        attempt(H5Fclose(fileID))
        if let store {
            self.store = nil
            store.close()
            try store.check(scope)
        }
        if let failure { throw failure }
    }

    deinit {
        HDF5Library.cleanUp {
            _ = try? close(CallScope(HDF5Place(file: name, path: "")))
        }
    }
}

/// The id of one open group or dataset; keeps its file open.
///
/// `@unchecked Sendable`: the id is constant, and whether it is open is asked while ``HDF5Library`` is held.
final class ObjectHandle: @unchecked Sendable {
    let file: FileHandle
    private let id: hid_t

    /// Takes ownership of `id`, which must be open and in `file`.
    init(id: hid_t, close: @escaping Closer, in file: FileHandle) {
        self.id = id
        self.file = file
        file.add(id, close)
    }

    /// The id, while object and file are open.
    func raw(_ scope: CallScope) throws -> hid_t {
        try file.requireOpen(id, scope)
        return id
    }

    /// Closes the object; a second time does nothing.
    func close(_ scope: CallScope) throws {
        try scope.check(
            file.close(id), doing: "cannot write the rest of the object", fallback: .library)
    }

    deinit {
        HDF5Library.cleanUp { _ = file.close(id) }
    }
}
