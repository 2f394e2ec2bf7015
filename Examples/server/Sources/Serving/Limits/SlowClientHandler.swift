package import NIOCore
package import NIOHTTPTypes

/// Closes connections whose client takes too long to send a request, or to take the next piece of an answer.
///
/// No timer is made for a request that comes in at once, nor for an answer that the kernel takes at once.
package final class SlowClientHandler: ChannelDuplexHandler, RemovableChannelHandler {
    /// Parts of requests.
    package typealias InboundIn = HTTPRequestPart
    /// The same.
    package typealias InboundOut = HTTPRequestPart
    /// Parts of answers.
    package typealias OutboundIn = HTTPResponsePart
    /// The same.
    package typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var isReading = false
    private var readTimer: Scheduled<Void>?
    private var writeTimer: Scheduled<Void>?

    /// A handler for one connection.
    ///
    /// - Parameter limit: for all of a request from its head on, and for each piece of an answer.
    package init(limit: TimeAmount) { self.limit = limit }

    /// Notes where a request begins and ends.
    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: isReading = true
        case .body: break
        case .end:
            isReading = false
            readTimer?.cancel()
            readTimer = nil
        }
        context.fireChannelRead(data)
    }

    /// Gives a request that did not come whole its time.
    package func channelReadComplete(context: ChannelHandlerContext) {
        if isReading, readTimer == nil { readTimer = timer(context) }
        context.fireChannelReadComplete()
    }

    /// Gives a client its time to take what is written.
    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeTimer?.cancel()
        writeTimer = context.channel.isWritable ? nil : timer(context)
        context.fireChannelWritabilityChanged()
    }

    /// Stops all timers.
    package func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    /// Stops all timers.
    package func handlerRemoved(context: ChannelHandlerContext) { stop() }

    private func stop() {
        readTimer?.cancel()
        writeTimer?.cancel()
        (readTimer, writeTimer) = (nil, nil)
    }

    private func timer(_ context: ChannelHandlerContext) -> Scheduled<Void> {
        // From here towards the socket: nobody waits for what such a client has not taken.
        context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
    }
}
