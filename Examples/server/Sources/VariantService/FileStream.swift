import CPageCache
import Hummingbird
import NIOCore
import NIOPosix
import RuntimeAdapter
import Serving

/// Bytes of an open file on their way to a client, a piece at a time.
///
/// What the kernel has in memory is copied at once; only what must come from the disk takes a thread that may
/// wait for it. The next piece is read when the connection has taken the one before.
struct FileStream: Sendable {
    /// Small enough for the allocator to use memory again, large enough for few system calls.
    static let pieceBytes = 64 << 10

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
    func body(keeping place: ConcurrencyLimit.Place?) -> ResponseBody {
        ResponseBody(contentLength: bytes.count) { [self] writer in
            defer { withExtendedLifetime(place) {} }
            var offset = bytes.lowerBound
            while offset < bytes.upperBound {
                let count = min(Self.pieceBytes, bytes.upperBound - offset)
                let piece = try await piece(at: offset, count: count)
                guard piece.readableBytes == count else {
                    throw SourceError(code: .damaged, place: "", detail: "is cut short")
                }
                try await writer.write(piece)
                offset += count
            }
            try await writer.finish(nil)
        }
    }

    private func piece(at offset: Int, count: Int) async throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        if let descriptor = file.descriptor,
            Self.readAtOnce(descriptor, into: &buffer, at: offset, count: count)
        {
            return buffer
        }
        let file = file
        return try await NIOThreadPool.singleton.runIfActive {
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            _ = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
                try file.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]), at: offset)
            }
            return buffer
        }
    }

    /// Reads what is in the page cache; false if that is not all of it, and nothing is read then.
    private static func readAtOnce(
        _ descriptor: Int32, into buffer: inout ByteBuffer, at offset: Int, count: Int
    ) -> Bool {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            espalier_read_cached(descriptor, room.baseAddress, count, Int64(offset)) == count
                ? count : 0
        } == count
    }
}
