/// A model's file in a store, open.
package final class OpenBlob: Sendable {
    private let file: OpenFile
    private let lease: StoreLease?
    /// What the file is called outside of the store; never with a folder.
    package let name: String
    package let digest: BlobDigest
    package let byteCount: Int
    /// Where it stands; without a lease it may go at any time, though what is open stays readable.
    package let path: String

    init(
        file: OpenFile, name: String, digest: BlobDigest, byteCount: Int, path: String,
        lease: StoreLease?
    ) {
        self.file = file
        self.name = name
        self.digest = digest
        self.byteCount = byteCount
        self.path = path
        self.lease = lease
    }

    /// For reading, as long as this object lives.
    package var descriptor: Int32 { file.descriptor }

    /// Reads at a place into a buffer until the buffer is full or the file ends.
    ///
    /// - Returns: how many bytes were read.
    /// - Throws: ``VariantStoreError`` with `unreadable`.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(VariantStoreError) -> Int {
        try file.read(into: buffer, at: offset)
    }
}
