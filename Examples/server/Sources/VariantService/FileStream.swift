import CPageCache
import Hummingbird
import NIOCore
import NIOPosix
import RuntimeAdapter
import Serving

/// Bytes of an open file on their way to a client, a piece at a time.
///
/// The kernel sends what it has in memory; only what must come from the disk takes a thread that may wait for
/// it. The next piece follows when the connection has taken the one before. A file that is in this process's
/// memory alone is copied from there.
struct FileStream: Sendable {
    /// So much a client has to take in the time that it is given.
    static let pieceBytes = 256 << 10
    /// What the kernel reads at once.
    private static let stride = 64 << 10

    private let file: VariantFile
    private let bytes: Range<Int>

    /// - Parameter bytes: in the file.
    init(_ file: VariantFile, _ bytes: Range<Int>) {
        self.file = file
        self.bytes = bytes
    }

    /// A body that keeps the file open, and the request's place taken, until it is written or given up on.
    ///
    /// It ends early, and the connection with it, if the file turns out to be shorter than it was.
    func body(for context: ServerContext) -> ResponseBody {
        ResponseBody(contentLength: bytes.count) { [self] writer in
            defer { withExtendedLifetime(context.place) {} }
            var offset = bytes.lowerBound
            while offset < bytes.upperBound {
                let piece = offset..<min(offset + Self.pieceBytes, bytes.upperBound)
                if let descriptor = file.descriptor {
                    try await fetch(piece, descriptor)
                    try await FileSender.send(
                        FilePiece(descriptor: descriptor, bytes: piece, owner: file),
                        on: context.channel)
                } else {
                    try await writer.write(try copy(piece))
                }
                offset = piece.upperBound
            }
            try await writer.finish(nil)
        }
    }

    private func copy(_ piece: Range<Int>) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: piece.count)
        let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: piece.count) {
            try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: $0[..<piece.count]),
                at: piece.lowerBound)
        }
        guard count == piece.count else {
            throw SourceError(code: .damaged, place: "", detail: "is cut short")
        }
        return buffer
    }

    /// Makes sure that the kernel has a piece in memory, so that no event loop waits for a disk.
    private func fetch(_ piece: Range<Int>, _ descriptor: Int32) async throws {
        let places = Array(stride(from: piece)) + [piece.upperBound - 1]
        guard !places.allSatisfy({ espalier_is_cached(descriptor, Int64($0)) }) else { return }
        let file = file
        try await NIOThreadPool.singleton.runIfActive {
            try withUnsafeTemporaryAllocation(byteCount: Self.stride, alignment: 16) { room in
                for place in places where try file.read(into: room, at: place) == 0 {
                    throw SourceError(code: .damaged, place: "", detail: "is cut short")
                }
            }
        }
    }

    private func stride(from piece: Range<Int>) -> StrideTo<Int> {
        Swift.stride(from: piece.lowerBound, to: piece.upperBound, by: Self.stride)
    }
}
