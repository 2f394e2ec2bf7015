import Foundation
import Glibc
import RuntimeAdapter

/// A copy of bytes that can be opened by a path as long as this object lives, and is in no folder.
///
/// For readers that open files by name, and sources whose variants are on no disk.
final class NamelessFile: Sendable {
    private let descriptor: Int32

    /// A file with a content.
    ///
    /// - Throws: `SourceError` with `unavailable` if there is no room for it.
    init(_ bytes: [UInt8], place: String) throws(SourceError) {
        let folder = FileManager.default.temporaryDirectory.path
        var name = Array("\(folder)/variant-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw SourceError(code: .unavailable, place: place) }
        unlink(name)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SourceError(code: .unavailable, place: place) }
            done += count
        }
    }

    deinit { close(descriptor) }

    /// Where it can be opened.
    var path: String { "/proc/self/fd/\(descriptor)" }
}
