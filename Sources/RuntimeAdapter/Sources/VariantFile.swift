import Foundation
package import VariantStore

/// A variant's file whose content was checked: there is no such object of another content.
///
/// What it holds stays readable as long as it lives, whatever happens to the place that it came from.
public final class VariantFile: Sendable {
    private enum Content: Sendable {
        case memory([UInt8])
        case blob(OpenBlob)
    }

    /// What the file is of.
    public let candidate: CandidateDescription
    private let content: Content

    /// A file in memory.
    ///
    /// - Throws: ``SourceError`` with `damaged` if the digest is not the candidate's.
    /// - Complexity: digests all bytes.
    public init(_ candidate: CandidateDescription, bytes: [UInt8]) throws(SourceError) {
        let actual = BlobDigest(of: bytes).text
        guard actual == candidate.fileDigest else {
            throw SourceError(
                code: .damaged, place: candidate.fileDigest, detail: "the content is \(actual)")
        }
        self.candidate = candidate
        content = .memory(bytes)
    }

    /// A file of a store, which the store checked when it was opened.
    package init(_ candidate: CandidateDescription, checked blob: OpenBlob) throws(SourceError) {
        guard blob.digest.text == candidate.fileDigest else {
            throw SourceError(
                code: .damaged, place: candidate.fileDigest,
                detail: "the artifact's file is \(blob.digest.text)")
        }
        self.candidate = candidate
        content = .blob(blob)
    }

    /// How many bytes it has.
    public var byteCount: Int {
        switch content {
        case .memory(let bytes): bytes.count
        case .blob(let blob): blob.byteCount
        }
    }

    /// Where it can be opened by name, as long as this object lives; nil if it is in memory alone.
    ///
    /// The name goes by the open file, so that it is this content whatever the store does.
    public var path: String? {
        switch content {
        case .memory: nil
        case .blob(let blob): "/proc/self/fd/\(blob.descriptor)"
        }
    }

    /// Open for reading as long as this object lives; nil if it is in memory alone.
    ///
    /// Its offset belongs to everybody: `pread` leaves it alone.
    public var descriptor: Int32? {
        switch content {
        case .memory: nil
        case .blob(let blob): blob.descriptor
        }
    }

    /// Reads at a place into a buffer until the buffer is full or the file ends.
    ///
    /// - Returns: how many bytes were read; none for a place that the file does not have.
    /// - Throws: ``SourceError`` with `unavailable` if the operating system refuses.
    public func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SourceError) -> Int {
        guard (0..<byteCount).contains(offset) else { return 0 }
        switch content {
        case .memory(let bytes):
            let count = min(buffer.count, bytes.count - offset)
            bytes.withUnsafeBytes {
                buffer.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
            }
            return count
        case .blob(let blob):
            do throws(VariantStoreError) { return try blob.read(into: buffer, at: offset) } catch {
                throw SourceError(
                    code: .unavailable, place: candidate.fileDigest, detail: "\(error.code)")
            }
        }
    }

    /// The whole content.
    ///
    /// - Throws: ``SourceError`` with `unavailable` if the operating system refuses, `damaged` if the file
    ///   was cut short since it was checked.
    public func bytes() throws(SourceError) -> [UInt8] {
        if case .memory(let bytes) = content { return bytes }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var outcome = Result<Int, SourceError>.success(0)
        bytes.withUnsafeMutableBytes { buffer in
            do throws(SourceError) { outcome = .success(try read(into: buffer, at: 0)) } catch {
                outcome = .failure(error)
            }
        }
        guard try outcome.get() == byteCount else {
            throw SourceError(code: .damaged, place: candidate.fileDigest, detail: "is cut short")
        }
        return bytes
    }
}
