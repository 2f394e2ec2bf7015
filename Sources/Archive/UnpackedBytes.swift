import CDeflate

/// Bytes that were packed, unpacked into memory.
// Safe to share between threads: the bytes are not changed after `init`.
package final class UnpackedBytes: @unchecked Sendable {
    package let bytes: UnsafeRawBufferPointer

    /// Unpacks raw deflate data.
    ///
    /// - Parameter size: the bytes that must come out, no more and no fewer.
    /// - Throws: `failure` if they do not.
    init(
        deflated stored: UnsafeRawBufferPointer, size: Int, failure: ArchiveError
    ) throws(ArchiveError) {
        bytes = try Self.unpack(size: size, failure: failure) { decompressor, target in
            var count = 0
            let result = libdeflate_deflate_decompress(
                decompressor, stored.baseAddress, stored.count, target, size, &count)
            return result == LIBDEFLATE_SUCCESS && count == size
        }
    }

    /// Unpacks a gzip file of one member, whose checksum is verified.
    ///
    /// - Throws: ``ArchiveError`` with `damaged`, `unsupported` for more than one member, `tooLarge` for more
    ///   bytes than deflate can pack into the file.
    package init(gzip stored: UnsafeRawBufferPointer, file: String) throws(ArchiveError) {
        let damaged = ArchiveError(
            .damaged, file: file, "the file cannot be unpacked: it is damaged or cut off")
        guard stored.count >= 18 else { throw damaged }
        // The last four bytes hold the size, modulo 2³².
        let size = stored.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard size / Self.largestExpansion <= stored.count else {
            throw ArchiveError(
                .tooLarge, file: file, "the file claims \(size) bytes and stores \(stored.count)")
        }
        var used = 0
        let content = try Self.unpack(size: size, failure: damaged) { decompressor, target in
            var count = 0
            let result = libdeflate_gzip_decompress_ex(
                decompressor, stored.baseAddress, stored.count, target, size, &used, &count)
            return result == LIBDEFLATE_SUCCESS && count == size
        }
        guard used == stored.count else {
            content.deallocate()
            throw ArchiveError(
                .unsupported, file: file, "the file holds more behind its packed content")
        }
        bytes = content
    }

    /// Deflate packs at most 1032 bytes into one.
    private static let largestExpansion = 1032

    private static func unpack(
        size: Int, failure: ArchiveError,
        _ body: (OpaquePointer, UnsafeMutableRawPointer?) -> Bool
    ) throws(ArchiveError) -> UnsafeRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(size, 1), alignment: 64)
        let decompressor = libdeflate_alloc_decompressor()
        defer { libdeflate_free_decompressor(decompressor) }
        guard let decompressor, body(decompressor, buffer.baseAddress) else {
            buffer.deallocate()
            throw failure
        }
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<size])
    }

    deinit { bytes.deallocate() }
}
