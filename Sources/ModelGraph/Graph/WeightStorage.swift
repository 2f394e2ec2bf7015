/// The bytes of a weight: in memory of their own, or in a mapped file.
// Safe to share between threads: the bytes are never changed after `init` returns, and `release`
// runs once, when nobody refers to them any more.
package final class WeightStorage: @unchecked Sendable {
    /// The bytes, in native byte order, row-major.
    package let bytes: UnsafeRawBufferPointer
    private let release: () -> Void

    /// Takes over bytes that somebody else allocated.
    ///
    /// - Parameter release: called once when the storage is no longer needed.
    package init(adopting bytes: UnsafeRawBufferPointer, release: @escaping @Sendable () -> Void) {
        self.bytes = bytes
        self.release = release
    }

    /// Allocates `byteCount` bytes, aligned to 64, and lets `fill` write all of them.
    package init(
        byteCount: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) rethrows {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(byteCount, 1), alignment: 64)
        bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<byteCount])
        release = { buffer.deallocate() }
        try fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<byteCount]))
    }

    deinit { release() }
}
