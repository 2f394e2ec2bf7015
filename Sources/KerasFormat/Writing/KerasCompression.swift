/// How weights are stored in a file.
package enum KerasCompression: Hashable, Sendable {
    /// As they are, in one piece each: quickest to write, and to map when read.
    case none
    /// In pieces that pass byte shuffling and zlib, which every HDF5 reader undoes; levels 1 to 12.
    case deflate(level: Int)

    /// Near the best size that this can reach, several times faster than zlib.
    package static let standard = KerasCompression.deflate(level: 6)
}
