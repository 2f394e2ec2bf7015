import CHDF5

/// How a new file is laid out.
package struct HDF5CreationOptions: Sendable, Hashable {
    /// Which readers can read the file.
    package enum Format: Sendable, Hashable {
        /// The oldest form that holds the content: what h5py writes unless told otherwise.
        case earliest
        /// Groups and attributes as of HDF5 1.10: attributes over 64 KiB, quick groups of many links.
        case version110
    }

    package var format: Format
    /// Values of at least 4 KiB start at a multiple of this many bytes, so that a reader may map them.
    package var alignment: Int

    package init(format: Format = .earliest, alignment: Int = 1) {
        self.format = format
        self.alignment = alignment
    }

    func apply(to access: hid_t, _ scope: CallScope) throws {
        let doing = "cannot set up the file's format"
        // "Earliest" is the lower bound only: what it cannot hold is written in the form that can.
        let low = format == .earliest ? H5F_LIBVER_EARLIEST : H5F_LIBVER_V110
        try scope.check(
            H5Pset_libver_bounds(access, low, H5F_LIBVER_V110), doing: doing, fallback: .library)
        guard alignment > 1 else { return }
        try scope.check(
            H5Pset_alignment(access, 4096, hsize_t(alignment)), doing: doing, fallback: .library)
    }
}
