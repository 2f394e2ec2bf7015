package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Bytes of an open file that the kernel shall send by itself.
package struct FilePiece: Sendable {
    fileprivate let descriptor: Int32
    fileprivate let bytes: Range<Int>
    fileprivate let owner: any AnyObject & Sendable

    /// - Parameters:
    ///   - bytes: in the file.
    ///   - owner: keeps the descriptor open as long as it lives.
    package init(descriptor: Int32, bytes: Range<Int>, owner: some AnyObject & Sendable) {
        self.descriptor = descriptor
        self.bytes = bytes
        self.owner = owner
    }
}

/// Lets answers hold pieces of files that are never copied into this process: `sendfile`.
///
/// Hummingbird's answers are made of buffers. Whoever writes one may send a ``FilePiece`` as an outbound event
/// between its head and its end; this handler hands it to the encoder of HTTP/1, which knows files.
package final class FileSender: ChannelOutboundHandler, RemovableChannelHandler {
    /// Parts of answers.
    package typealias OutboundIn = HTTPResponsePart
    /// The same.
    package typealias OutboundOut = HTTPResponsePart

    /// A handler for one connection.
    package init() {}

    /// Sends a piece on a channel; returns when the kernel has it.
    ///
    /// - Throws: `ChannelError` with `operationUnsupported` where the channel has no such handler, and what breaks a
    ///   connection.
    package static func send(_ piece: FilePiece, on channel: any Channel) async throws {
        try await channel.triggerUserOutboundEvent(piece).get()
    }

    /// Writes a piece of a file; every other event goes on its way.
    package func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard let piece = event as? FilePiece else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        do {
            // From there on, towards the socket, parts of answers may be files.
            let codec = try context.pipeline.syncOperations.context(
                handlerType: HTTP1ToHTTPServerCodec.self)
            let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: piece.descriptor)
            let region = FileRegion(
                fileHandle: handle, readerIndex: piece.bytes.lowerBound,
                endIndex: piece.bytes.upperBound)
            let done = promise ?? context.eventLoop.makePromise()
            done.futureResult.whenComplete { _ in
                // The descriptor is the owner's, who closes it.
                _ = try? handle.takeDescriptorOwnership()
                withExtendedLifetime(piece.owner) {}
            }
            codec.writeAndFlush(
                NIOAny(HTTPServerResponsePart.body(.fileRegion(region))), promise: done)
        } catch {
            promise?.fail(error)
        }
    }
}
