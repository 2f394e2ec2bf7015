import CHDF5

/// A function of libhdf5 that gives an id back.
typealias Closer = @convention(c) (hid_t) -> herr_t

/// The ids that one call of ours acquires: types, dataspaces, property lists, attributes.
///
/// They live until the call ends, whatever way it ends; none can leak or be used afterwards.
final class CallScope {
    let place: HDF5Place
    private var owned: [(id: hid_t, close: Closer)] = []

    private var stores: [FileStore] = []

    init(_ place: HDF5Place) {
        self.place = place
    }

    /// Throws if access to the file failed, now or by the end of the call.
    func watch(_ store: FileStore?) throws {
        guard let store else { return }
        try store.check(self)
        if !stores.contains(where: { $0 === store }) { stores.append(store) }
    }

    /// Throws if access failed to a file that the call has used.
    func checkStores() throws {
        for store in stores { try store.check(self) }
    }

    /// Takes ownership of a new id, or throws what the error stack says if it is none.
    func own(
        _ id: hid_t, _ close: @escaping Closer, doing: String,
        fallback: HDF5Error.Code = .damaged
    ) throws -> hid_t {
        guard id >= 0 else { throw failure(doing, fallback) }
        owned.append((id, close))
        return id
    }

    /// Throws what the error stack says if `status` is negative, and passes it on otherwise.
    @discardableResult
    func check<Status: SignedInteger>(
        _ status: Status, doing: String, fallback: HDF5Error.Code = .damaged
    ) throws -> Status {
        guard status >= 0 else { throw failure(doing, fallback) }
        return status
    }

    /// The error that the last failed call left behind.
    func failure(_ doing: String, _ fallback: HDF5Error.Code) -> HDF5Error {
        HDF5Error.fromStack(place, doing: doing, fallback: fallback)
    }

    /// An error that we found ourselves.
    func error(_ code: HDF5Error.Code, _ detail: String) -> HDF5Error {
        place.error(code, detail)
    }

    /// A new property list of the given class.
    func propertyList(_ kind: hid_t) throws -> hid_t {
        try own(H5Pcreate(kind), H5Pclose, doing: "cannot make a property list", fallback: .library)
    }

    func closeAll() {
        for (id, close) in owned.reversed() { _ = close(id) }
        owned.removeAll()
    }
}
