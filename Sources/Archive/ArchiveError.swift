/// Why a file, or an archive in it, cannot be read, and where.
package struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, for a caller to decide on.
    package enum Code: Hashable, Sendable {
        /// No such file.
        case notFound
        /// A directory stands where a file should.
        case directory
        /// Neither a file nor a directory.
        case notRegular
        /// Legal, but not understood here.
        case unsupported
        /// The content contradicts itself, or ends too early.
        case damaged
        /// A name that leads out of the archive.
        case refused
        /// More memory than the file's own size explains.
        case tooLarge
        /// The operating system refused; `errno` says why.
        case io(errno: Int32)
    }

    package var code: Code
    /// The file as it was named.
    package var file: String
    /// The entry's name in the archive; empty for the file itself.
    package var path: String
    /// What is wrong, without the place.
    package var reason: String

    package init(_ code: Code, file: String, path: String = "", _ reason: String) {
        self.code = code
        self.file = file
        self.path = path
        self.reason = reason
    }

    package var description: String {
        path.isEmpty ? "\(file): \(reason)" : "\(file), \(path): \(reason)"
    }
}
