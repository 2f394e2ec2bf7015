import Foundation

/// An open file that closes itself.
package final class OpenFile: Sendable {
    package let descriptor: Int32
    /// The name under which it was opened.
    package let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// What the file is now.
    ///
    /// - Throws: ``VariantStoreError`` with `unreadable`.
    func status() throws(VariantStoreError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw VariantStoreError(.unreadable(errno: errno), file: path)
        }
        return status
    }

    /// Reads at a place into a buffer until the buffer is full or the file ends.
    ///
    /// - Throws: ``VariantStoreError`` with `unreadable`.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(VariantStoreError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw VariantStoreError(.unreadable(errno: errno), file: path) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// The whole content.
    ///
    /// - Throws: ``VariantStoreError`` with `unreadable`, or `tooLarge` for more than the limit.
    func content(limit: Int) throws(VariantStoreError) -> [UInt8] {
        let size = Int(try status().st_size)
        guard size <= limit else { throw VariantStoreError(.tooLarge(limit: limit), file: path) }
        // One byte more, so that a file that grew is noticed.
        var bytes = [UInt8](repeating: 0, count: size + 1)
        var outcome = Result<Int, VariantStoreError>.success(0)
        bytes.withUnsafeMutableBytes { buffer in
            do throws(VariantStoreError) {
                outcome = .success(try read(into: buffer, at: 0))
            } catch { outcome = .failure(error) }
        }
        let count = try outcome.get()
        guard count <= size else {
            throw VariantStoreError(.unreadable(errno: EAGAIN), file: path)
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Digests the whole content.
    ///
    /// - Throws: ``VariantStoreError`` with `unreadable`.
    func digest() throws(VariantStoreError) -> FileDigest {
        var builder = DigestBuilder()
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { piece.deallocate() }
        var offset = 0
        while true {
            let count = try read(into: piece, at: offset)
            if count == 0 { return builder.digest }
            builder.add(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            offset += count
        }
    }
}
