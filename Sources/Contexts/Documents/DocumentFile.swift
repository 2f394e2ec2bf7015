package import Foundation

/// Reads the files that documents lie in.
package enum DocumentFile {
    /// That a file cannot be read, with the system's error number.
    struct Unreadable: Error {
        let errno: Int32
    }

    /// The content of a document.
    ///
    /// - Throws: `DocumentError` if the file cannot be read. One that is too large is no error here;
    ///   its reader says so.
    package static func bytes(of path: String, _ kind: DocumentKind) throws(DocumentError) -> Data {
        do {
            return try bytes(of: path, atMost: kind.maximumBytes)
        } catch {
            let issue = DocumentIssue(
                .file(.unreadable(errno: error.errno)), in: kind, file: path)
            throw DocumentError([issue])
        }
    }

    /// Reads at most one byte more than the limit, so that a device or a huge file does no harm, and
    /// the size check still sees that it was too large.
    static func bytes(of path: String, atMost limit: Int) throws(Unreadable) -> Data {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Unreadable(errno: errno)
        }
        do {
            defer { try? handle.close() }
            return try handle.read(upToCount: limit + 1) ?? Data()
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            throw Unreadable(errno: cause.flatMap { Int32(exactly: $0.code) } ?? EIO)
        }
    }
}
