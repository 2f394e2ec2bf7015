import CHDF5
import Glibc

/// The one door to libhdf5: every call of ours passes through ``call(_:_:)``.
///
/// libhdf5 has one global lock of its own, which protects single calls. Ours makes sequences of calls
/// and the reading of the error stack after them one step, and guards the table of open ids.
enum HDF5Library {
    /// Runs `body` while holding the library, and closes all ids that it acquired.
    static func call<Result>(
        _ place: HDF5Place, _ body: (CallScope) throws -> Result
    ) throws -> Result {
        lock.lock()
        defer { lock.unlock() }
        prepareThread()
        let scope = CallScope(place)
        defer { scope.closeAll() }
        let result = try body(scope)
        try scope.checkStores()
        return result
    }

    /// Runs a closing of ids, which cannot fail in a way that anybody could act on.
    static func cleanUp(_ body: () -> Void) {
        lock.lock()
        defer { lock.unlock() }
        prepareThread()
        body()
    }

    /// How many files, objects, attributes and named types libhdf5 holds open in this process.
    static var openObjectCount: Int {
        lock.lock()
        defer { lock.unlock() }
        prepareThread()
        return Int(H5Fget_obj_count(chdf5_obj_all(), UInt32(chdf5_obj_all())))
    }

    /// How many ids of every kind are open that are not libhdf5's own: types, spaces, property lists too.
    static var openIdentifierCount: Int {
        lock.lock()
        defer { lock.unlock() }
        prepareThread()
        let kinds = [
            H5I_FILE, H5I_GROUP, H5I_DATATYPE, H5I_DATASPACE, H5I_DATASET, H5I_ATTR,
            H5I_GENPROP_LST,
        ]
        return kinds.reduce(0) { sum, kind in
            var count: hsize_t = 0
            return H5Inmembers(kind, &count) < 0 ? sum : sum + Int(clamping: count)
        }
    }

    /// The error stack and its printer belong to the thread, so this is said on every call.
    private static func prepareThread() {
        _ = prepared
        H5Eset_auto2(chdf5_error_stack(), nil, nil)
    }

    private static let prepared: Bool = {
        // No work at the process's end, while other threads may still be at theirs: a file that nobody
        // closed is not whole anyway. To be said before libhdf5's first call.
        H5dont_atexit()
        // A file may name any filter; libhdf5 would look for a library of that number and load it.
        return H5PLset_loading_state(0) >= 0
    }()

    private static let lock = RecursiveLock()
}

/// A lock that its holder may take again: a handle released inside a call closes itself there.
///
/// `@unchecked Sendable`: the only stored value is a constant pointer to a mutex, which is made for threads.
private final class RecursiveLock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
        pthread_mutex_init(mutex, &attributes)
        pthread_mutexattr_destroy(&attributes)
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }
}
