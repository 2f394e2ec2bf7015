/// What went wrong in an HDF5 file, and where.
package struct HDF5Error: Error, Sendable, Hashable {
    /// The kind of failure, for a caller to decide on.
    package enum Code: Sendable, Hashable {
        /// No such file, link, attribute or chunk.
        case notFound
        /// The file has no HDF5 signature.
        case notHDF5
        /// The file is shorter than it says of itself.
        case truncated
        /// The content contradicts itself; libhdf5 could not decode it.
        case damaged
        /// A value has a type that cannot be read or written as asked.
        case unsupportedType
        /// A dataset needs a filter that this libhdf5 does not have.
        case unsupportedFilter
        /// A link of a kind that is never followed: it may lead anywhere, even out of the file.
        case refusedLink(HDF5LinkRefusal)
        /// A dataset whose values lie in other files.
        case refusedStorage(HDF5StorageRefusal)
        /// A group that contains itself.
        case cycle
        /// Groups nested deeper than the caller allowed.
        case tooDeep
        /// More bytes than the caller allowed, or than can be counted.
        case tooLarge
        /// An attribute beyond what an object header holds (64 KiB).
        case attributeTooLarge
        /// The object is of another kind than asked for (a group instead of a dataset).
        case wrongKind
        /// Shape, range or buffer disagree with the dataset.
        case wrongShape
        /// Text that is not UTF-8, or a name that HDF5 cannot hold.
        case invalidText
        /// The name is already taken.
        case exists
        /// Another process holds the file open for writing.
        case busy
        /// The operating system refused; `errno` says why (28: no space left).
        case io(errno: Int32)
        /// The object, or its file, was closed.
        case closed
        /// libhdf5 failed for a reason that no other code covers.
        case library
    }

    package let code: Code
    /// The file as it was named when it was opened.
    package let file: String
    /// The path inside the file, `/` for the root; an attribute follows as `@name`.
    package let path: String
    /// What libhdf5 or we found, for a person; one line.
    package let detail: String

    package init(code: Code, file: String, path: String, detail: String) {
        self.code = code
        self.file = file
        self.path = path
        self.detail = detail
    }
}

/// A kind of link that is never followed.
package enum HDF5LinkRefusal: Sendable, Hashable {
    case soft, external, userDefined
}

/// A kind of dataset whose values lie in other files.
package enum HDF5StorageRefusal: Sendable, Hashable {
    case external, virtual
}

extension HDF5Error: CustomStringConvertible {
    package var description: String {
        path.isEmpty ? "\(file): \(detail)" : "\(file), \(path): \(detail)"
    }
}

/// Where in which file a call is at work.
struct HDF5Place: Sendable {
    let file: String
    let path: String

    func attribute(_ name: String) -> HDF5Place {
        HDF5Place(file: file, path: "\(path)@\(name)")
    }

    func child(_ name: String) -> HDF5Place {
        HDF5Place(file: file, path: path.hasSuffix("/") ? path + name : "\(path)/\(name)")
    }

    func error(_ code: HDF5Error.Code, _ detail: String) -> HDF5Error {
        HDF5Error(code: code, file: file, path: path, detail: detail)
    }
}
