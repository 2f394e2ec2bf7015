package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes

/// Lets the kernel take what is written before a connection is closed.
///
/// Hummingbird closes a connection right after it wrote the end of the last answer of a server that shuts down. Closing drops
/// what a client has not taken, so that answers beyond what the kernel keeps would be cut short. This handler keeps the first
/// call of close until everything before it is with the kernel, or the client had its time; a second one is carried out at once.
package final class DrainBeforeClosing: ChannelOutboundHandler, RemovableChannelHandler {
    /// Parts of answers.
    package typealias OutboundIn = HTTPResponsePart
    /// The same.
    package typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var isDraining = false

    /// A handler for one connection.
    ///
    /// - Parameter limit: for a client to take what is left.
    package init(limit: TimeAmount) { self.limit = limit }

    /// Closes, but what is written goes first.
    package func close(
        context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
        guard case .all = mode, !isDraining, context.channel.isActive,
            let encoder = try? context.pipeline.syncOperations.context(
                handlerType: HTTPResponseEncoder.self)
        else {
            context.close(mode: mode, promise: promise)
            return
        }
        isDraining = true
        let loop = context.eventLoop.assumeIsolated()
        let timer = loop.scheduleTask(in: limit) { context.close(promise: nil) }
        // Writes are done in their order, so when nothing is written, all before it is.
        let drained = context.eventLoop.makePromise(of: Void.self)
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: drained)
        drained.futureResult.assumeIsolated().whenComplete { _ in
            timer.cancel()
            context.close(promise: promise)
        }
    }
}
