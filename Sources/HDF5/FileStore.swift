import CHDF5
import Glibc

/// What stands behind a file of libhdf5: bytes that ``StoreDriver`` reads and writes.
///
/// Stores are used only while ``HDF5Library`` is held, libhdf5's own calls included.
class FileStore {
    /// Where the bytes end.
    fileprivate(set) final var end: UInt = 0
    /// Where the space that libhdf5 has given out ends.
    final var allocatedEnd: UInt = 0
    /// The system's number of the first failure.
    fileprivate(set) final var failure: CInt?

    /// How libhdf5 is to treat the store (`H5FD_FEAT_`).
    var features: Int32 { H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE }

    /// Fills the buffer, or returns false.
    func read(_ buffer: UnsafeMutableRawBufferPointer, at start: UInt) -> Bool { false }

    /// Takes the bytes, or returns false.
    func write(_ bytes: UnsafeRawBufferPointer, at start: UInt, isValues: Bool) -> Bool { false }

    /// Makes the store as long as the space that libhdf5 has given out.
    func truncate() {}

    /// Gives back what the system holds; the last moment at which it may report a failure.
    func close() {}

    /// Throws the failure, if there was one.
    final func check(_ scope: CallScope) throws {
        guard let failure else { return }
        let reason = String(cString: strerror(failure))
        throw scope.error(.io(errno: failure), "the file could not be accessed: \(reason)")
    }

    fileprivate static func error(_ doing: String, _ scope: CallScope) -> HDF5Error {
        let number = errno
        let reason = String(cString: strerror(number))
        switch number {
        case EEXIST: return scope.error(.exists, "\(doing): it already exists")
        case ENOENT, ENOTDIR: return scope.error(.notFound, "\(doing): \(reason)")
        default: return scope.error(.io(errno: number), "\(doing): \(reason)")
        }
    }

    /// Locks a file, or goes without on the file systems that have no locks.
    fileprivate static func lock(_ descriptor: CInt, _ kind: CInt, _ scope: CallScope) throws {
        if flock(descriptor, kind | LOCK_NB) != 0, errno == EWOULDBLOCK {
            throw scope.error(.busy, "the file is in use by another program or part of this one")
        }
    }
}

/// Bytes in memory, for reading.
final class ImageReader: FileStore {
    private let bytes: UnsafeRawBufferPointer
    /// Keeps the bytes where they are.
    private let owner: AnyObject

    init(_ bytes: UnsafeRawBufferPointer, keeping owner: AnyObject) {
        self.bytes = bytes
        self.owner = owner
        super.init()
        end = UInt(bytes.count)
    }

    override func read(_ buffer: UnsafeMutableRawBufferPointer, at start: UInt) -> Bool {
        let (to, overflow) = start.addingReportingOverflow(UInt(buffer.count))
        guard !overflow, to <= end else { return false }
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(to)]))
        return true
    }
}

/// A file on disk, for reading.
///
/// Unlike libhdf5's own driver it does not take zeros for what lies beyond the end, and it does not ask
/// for metadata to be gathered: in that code, libhdf5 1.10 trusts sizes from the file.
final class FileReader: FileStore {
    private var descriptor: CInt

    init(path: String, _ scope: CallScope) throws {
        // A pipe would wait for a writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        super.init()
        guard descriptor >= 0 else { throw Self.error(HDF5File.cannotOpen, scope) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Self.error(HDF5File.cannotOpen, scope)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw scope.error(.notHDF5, "this is not a regular file")
        }
        try Self.lock(descriptor, LOCK_SH, scope)
        end = UInt(clamping: status.st_size)
    }

    deinit { close() }

    override func close() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)
        descriptor = -1
    }

    override func read(_ buffer: UnsafeMutableRawBufferPointer, at start: UInt) -> Bool {
        let (to, overflow) = start.addingReportingOverflow(UInt(buffer.count))
        guard !overflow, to <= end else { return false }
        switch readFully(descriptor, buffer, at: start) {
        case buffer.count: return true
        case -1: failure = failure ?? errno
        default: break  // The file became shorter.
        }
        return false
    }
}

/// A file on disk, for writing.
///
/// libhdf5 1.10 does not survive a failed write: closing the file then fails halfway, and leaves an id
/// behind whose object is already freed. So it never hears of a failure: the first one is kept here,
/// what cannot be written any more is kept in memory, where it can be read again while the file is
/// closed in good order, and our calls report the failure.
final class FileWriter: FileStore {
    private var descriptor: CInt
    /// What was to be written after the first failure, in order.
    private var unwritten: [(start: UInt, bytes: [UInt8])] = []

    /// Opens and locks a new or emptied file.
    init(path: String, replacing: Bool, _ scope: CallScope) throws {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | (replacing ? 0 : O_EXCL)
        descriptor = open(path, flags, 0o666)
        super.init()
        guard descriptor >= 0 else { throw Self.error("cannot create the file", scope) }
        // Emptied only under the lock.
        try Self.lock(descriptor, LOCK_EX, scope)
        guard ftruncate(descriptor, 0) == 0 else {
            throw Self.error("cannot empty the file", scope)
        }
    }

    deinit { close() }

    override var features: Int32 {
        super.features | H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA_WRITE
            | H5FD_FEAT_ACCUMULATE_METADATA_READ | H5FD_FEAT_AGGREGATE_SMALLDATA
    }

    override func close() {
        guard descriptor >= 0 else { return }
        if Glibc.close(descriptor) != 0, errno != EINTR { failure = failure ?? errno }
        descriptor = -1
        unwritten = []
    }

    /// Reads what was written; zeros where nothing was.
    override func read(_ buffer: UnsafeMutableRawBufferPointer, at start: UInt) -> Bool {
        let count = readFully(descriptor, buffer, at: start)
        guard count >= 0 else {
            failure = failure ?? errno
            return false
        }
        UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            .initializeMemory(as: UInt8.self, repeating: 0)
        for piece in unwritten {
            let from = max(start, piece.start)
            let to = min(start + UInt(buffer.count), piece.start + UInt(piece.bytes.count))
            guard from < to else { continue }
            let source = piece.bytes[Int(from - piece.start)..<Int(to - piece.start)]
            UnsafeMutableRawBufferPointer(rebasing: buffer[Int(from - start)...])
                .copyBytes(from: source)
        }
        return true
    }

    /// Writes to the file, or after a failure to memory; values are then dropped, for nobody reads
    /// them again.
    override func write(
        _ bytes: UnsafeRawBufferPointer, at start: UInt, isValues: Bool
    ) -> Bool {
        var done = 0
        while done < bytes.count, failure == nil {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(start) + done)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { failure = errno } else { done += count }
        }
        if done < bytes.count, !isValues {
            unwritten.append((start + UInt(done), [UInt8](bytes[done...])))
        }
        end = max(end, start + UInt(bytes.count))
        return true
    }

    override func truncate() {
        guard end != allocatedEnd else { return }
        if failure == nil, ftruncate(descriptor, off_t(allocatedEnd)) != 0 { failure = errno }
        end = allocatedEnd
    }
}

/// Reads until the buffer is full or the file ends; returns how many bytes, or -1 with `errno` set.
private func readFully(
    _ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer, at start: UInt
) -> Int {
    var done = 0
    while done < buffer.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
        let count = pread(descriptor, rest.baseAddress, rest.count, off_t(start) + done)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { return -1 }
        if count == 0 { break }
        done += count
    }
    return done
}
