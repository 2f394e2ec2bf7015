import Crypto
package import Foundation

/// The SHA-256 of a file's content, and how long the file is.
package struct FileDigest: Hashable, Sendable {
    /// 64 hexadecimal digits, lower case.
    package let sha256: String
    package let byteCount: Int

    package init(sha256: String, byteCount: Int) {
        self.sha256 = sha256
        self.byteCount = byteCount
    }

    /// Digests bytes in memory.
    package init(of bytes: some DataProtocol) {
        sha256 = Self.text(SHA256.hash(data: bytes))
        byteCount = bytes.count
    }

    /// Digests a file piece by piece, so that it needs no memory of its size.
    ///
    /// - Throws: ``VariantStoreError`` with `unreadable`.
    package init(ofFile path: String) throws(VariantStoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw VariantStoreError(.unreadable(errno: errno), file: path)
        }
        defer { close(descriptor) }
        var builder = DigestBuilder()
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { piece.deallocate() }
        while true {
            let count = read(descriptor, piece.baseAddress, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw VariantStoreError(.unreadable(errno: errno), file: path) }
            if count == 0 { break }
            builder.add(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        }
        self = builder.digest
    }

    fileprivate static func text(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Digests bytes that come piece by piece.
package struct DigestBuilder {
    private var hash = SHA256()
    private var byteCount = 0

    package init() {}

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        hash.update(bufferPointer: bytes)
        byteCount += bytes.count
    }

    /// Of what was added so far.
    package var digest: FileDigest {
        FileDigest(sha256: FileDigest.text(hash.finalize()), byteCount: byteCount)
    }
}
