import Foundation

extension StoreFiles {
    /// Copies a whole file into an empty one, sharing its blocks where the file system can.
    ///
    /// A hard link would be cheaper still, but the original may be edited later.
    /// - Returns: the digest of what the copy holds.
    /// - Throws: ``VariantStoreError``.
    func copy(_ source: OpenFile, to file: OpenFile) throws(VariantStoreError) -> FileDigest {
        // FICLONE of linux/fs.h, a macro that Swift does not see.
        let clone: UInt = 0x4004_9409
        if ioctl(file.descriptor, clone, source.descriptor) == 0 { return try file.digest() }
        var builder = DigestBuilder()
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { piece.deallocate() }
        var offset = 0
        while true {
            let count = try source.read(into: piece, at: offset)
            if count == 0 { return builder.digest }
            let part = UnsafeRawBufferPointer(rebasing: piece[..<count])
            builder.add(part)
            try write(part, to: file)
            offset += count
        }
    }
}
