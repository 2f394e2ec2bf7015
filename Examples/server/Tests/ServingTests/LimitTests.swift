import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import Serving

@Suite struct LimitTests {
    @Test func placesAreGivenBackWithTheirLastReference() {
        let limit = ConcurrencyLimit(2)
        var first = limit.take()
        let second = limit.take()
        #expect(first != nil && second != nil)
        #expect(limit.take() == nil)
        #expect(limit.inUse == 2)
        first = nil
        #expect(limit.inUse == 1)
        #expect(limit.take() != nil)
        withExtendedLifetime((first, second)) {}
    }

    private let head = HTTPRequestPart.head(
        HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/select"))

    /// A channel as a connection has it, with a limit of 10 s.
    private func connection() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: SlowClientHandler(limit: .seconds(10)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    @Test func aRequestThatTakesTooLongEndsItsConnection() throws {
        let channel = try connection()
        try channel.writeInbound(head)
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        // More of it comes, and does not win any time.
        try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }

    @Test func aRequestThatIsWholeHasAllTheTimeForItsAnswer() throws {
        let channel = try connection()
        try channel.writeInbound(head)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
    }

    @Test func aClientThatTakesNothingOfItsAnswerLosesItsConnection() throws {
        let channel = try connection()
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.advanceTime(by: .seconds(11))
        #expect(!channel.isActive)
    }
}
