import Foundation

/// What tells the index of a store from the one that stood at its place before, for one call of `stat`.
struct IndexStamp: Sendable, Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int

    /// Of the index of the store in a folder; nil if nothing is there.
    init?(store path: String) {
        var status = stat()
        guard stat(path + "/index.json", &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
    }
}
