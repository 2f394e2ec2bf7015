/// A name in a group and what stands behind it.
package struct HDF5Link: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// The object itself.
        case hard(HDF5ObjectKind, HDF5ObjectToken)
        /// A path to look up in the same file.
        case soft(target: String)
        /// A path in another file.
        case external(file: String, path: String)
        case userDefined
    }

    package let name: String
    package let kind: Kind
}

/// What an object is.
package enum HDF5ObjectKind: Sendable, Hashable {
    case group, dataset, namedType
    /// None that libhdf5 1.10 knows.
    case unknown
}

/// The identity of an object: equal for two hard links to the same object.
package struct HDF5ObjectToken: Sendable, Hashable {
    let fileNumber: UInt
    let address: UInt
}

/// In which order links are listed.
package enum HDF5LinkOrder: Sendable, Hashable {
    /// By the bytes of the names.
    case name
    /// As they were made, in groups that keep this; by name in all others.
    case creation
}
