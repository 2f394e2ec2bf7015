import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Serving

@Suite struct ClientKeyTests {
    private let secret = [UInt8](repeating: 7, count: 32)

    private func context(_ address: String?) async throws -> ServerContext {
        let channel = NIOAsyncTestingChannel()
        if let address {
            channel.remoteAddress = try SocketAddress(ipAddress: address, port: 5)
        }
        return ServerContext(
            source: ApplicationRequestContextSource(channel: channel, logger: Logger(label: "test"))
        )
    }

    private func request(_ headers: HTTPFields = [:]) -> Request {
        Request(
            head: HTTPRequest(
                method: .post, scheme: "http", authority: "x", path: "/", headerFields: headers),
            body: RequestBody(buffer: ByteBuffer()))
    }

    @Test func aKeyIsOfTheAddressAndTheSecret() async throws {
        let keys = ClientKeys(secret: secret)
        let one = keys.key(of: request(), try await context("192.0.2.1"))
        #expect(one.count == 32)
        #expect(one == keys.key(of: request(), try await context("192.0.2.1")))
        #expect(one != keys.key(of: request(), try await context("192.0.2.2")))
        let other = ClientKeys(secret: [UInt8](repeating: 8, count: 32))
        #expect(one != other.key(of: request(), try await context("192.0.2.1")))
        // Computed with: printf '\xc0\x00\x02\x01' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
        #expect(one == "c542b76fbf808fb87b76a8dd31f316c0")
        #expect(keys.key(of: request(), try await context(nil)).count == 32)
    }

    @Test func ofVersion6TheNetworkCounts() async throws {
        let keys = ClientKeys(secret: secret)
        let one = keys.key(of: request(), try await context("2001:db8:1:2::1"))
        #expect(one == keys.key(of: request(), try await context("2001:db8:1:2:ffff::9")))
        #expect(one != keys.key(of: request(), try await context("2001:db8:1:3::1")))
        #expect(
            keys.key(of: request(), try await context("::ffff:192.0.2.1"))
                == keys.key(of: request(), try await context("192.0.2.1")))
    }

    @Test func aHeaderCountsOnlyWhereTheOperatorNamesIt() async throws {
        let forwarded = request([.xForwardedFor: "198.51.100.7, 192.0.2.9"])
        let proxy = try await context("127.0.0.1")
        let plain = ClientKeys(secret: secret)
        #expect(plain.key(of: forwarded, proxy) == plain.key(of: request(), proxy))
        let behind = ClientKeys(secret: secret, header: .init("X-Forwarded-For"))
        // The last is what the operator's proxy wrote; what stands before it anybody may have.
        #expect(
            behind.key(of: forwarded, proxy)
                == behind.key(of: request(), try await context("192.0.2.9")))
        let nonsense = request([.xForwardedFor: "me"])
        #expect(behind.key(of: nonsense, proxy) == behind.key(of: request(), proxy))
    }
}

extension HTTPField.Name {
    fileprivate static var xForwardedFor: HTTPField.Name {
        HTTPField.Name("X-Forwarded-For") ?? .via
    }
}
