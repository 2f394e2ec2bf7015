import Glibc

/// The file behind an ``HDF5File`` that is written: what ``WriterDriver`` writes to.
///
/// libhdf5 1.10 does not survive a failed write: closing the file then fails halfway, and leaves an id
/// behind whose object is already freed. So it never hears of a failure: the first one is kept here,
/// what cannot be written any more is kept in memory, where it can be read again while the file is
/// closed in good order, and our calls report the failure.
///
/// `@unchecked Sendable`: used only while ``HDF5Library`` is held, libhdf5's calls included.
final class FileWriter: @unchecked Sendable {
    private var descriptor: CInt
    /// Where the file ends, also in memory.
    private(set) var end: UInt
    /// Where the space that libhdf5 has given out ends.
    var allocatedEnd: UInt = 0
    /// The system's number of the first failure.
    private(set) var failure: CInt?
    /// What was to be written after the first failure, in order.
    private var unwritten: [(start: UInt, bytes: [UInt8])] = []

    /// Opens and locks a new or emptied file.
    init(path: String, replacing: Bool, _ scope: CallScope) throws {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | (replacing ? 0 : O_EXCL)
        descriptor = open(path, flags, 0o666)
        end = 0
        guard descriptor >= 0 else { throw Self.error("cannot create the file", scope) }
        do {
            // Emptied only under the lock. Some file systems have no locks; then we go without.
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                throw scope.error(.busy, "the file is in use")
            }
            guard ftruncate(descriptor, 0) == 0 else {
                throw Self.error("cannot empty the file", scope)
            }
        } catch {
            _ = Glibc.close(descriptor)
            descriptor = -1
            throw error
        }
    }

    /// Closes the file; the last moment at which the system may report a failure.
    func close() {
        guard descriptor >= 0 else { return }
        if Glibc.close(descriptor) != 0, errno != EINTR { failure = failure ?? errno }
        descriptor = -1
        unwritten = []
    }

    deinit { close() }

    /// Throws the failure, if there was one.
    func check(_ scope: CallScope) throws {
        guard let failure else { return }
        let reason = String(cString: strerror(failure))
        throw scope.error(.io(errno: failure), "cannot write the file: \(reason)")
    }

    /// Reads what was written; zeros where nothing was.
    func read(_ buffer: UnsafeMutableRawBufferPointer, at start: UInt) -> Bool {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(start) + done)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                failure = failure ?? errno
                return false
            }
            if count == 0 {
                rest.initializeMemory(as: UInt8.self, repeating: 0)
                break
            }
            done += count
        }
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

    /// Writes to the file, or after a failure to memory; values are then only dropped, for nobody
    /// reads them again.
    func write(_ buffer: UnsafeRawBufferPointer, at start: UInt, isValues: Bool) {
        var done = 0
        while done < buffer.count, failure == nil {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(start) + done)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { failure = errno } else { done += count }
        }
        if done < buffer.count, !isValues {
            unwritten.append((start + UInt(done), [UInt8](buffer[done...])))
        }
        end = max(end, start + UInt(buffer.count))
    }

    /// Makes the file as long as the space that libhdf5 has given out.
    func truncate() {
        guard end != allocatedEnd else { return }
        if failure == nil, ftruncate(descriptor, off_t(allocatedEnd)) != 0 { failure = errno }
        end = allocatedEnd
    }

    private static func error(_ doing: String, _ scope: CallScope) -> HDF5Error {
        let number = errno
        let reason = String(cString: strerror(number))
        switch number {
        case EEXIST: return scope.error(.exists, "the file already exists")
        case ENOENT, ENOTDIR: return scope.error(.notFound, "\(doing): there is no such directory")
        default: return scope.error(.io(errno: number), "\(doing): \(reason)")
        }
    }
}
