import Foundation
package import HTTPTypes
package import Hummingbird
import HummingbirdCore
import Logging
package import NIOCore
import NIOEmbedded
package import Serving

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// How a test's requests get to the server.
package enum Transport: Sendable, CaseIterable {
    /// Straight to the router.
    case inProcess
    /// Over a socket on the loopback device, from a client that others wrote: `URLSession`.
    case socket
}

/// What came back.
package struct TestAnswer: Sendable {
    /// The status.
    package let status: HTTPResponse.Status
    /// All headers.
    package let headers: HTTPFields
    /// What was sent.
    package let body: ByteBuffer
}

/// Sends requests of a test.
///
/// Hummingbird's own test library would do, too, and with it twice as much is built: clients for TLS and HTTP/2.
package struct TestClient: Sendable {
    private let send:
        @Sendable (String, HTTPRequest.Method, HTTPFields, ByteBuffer) async throws -> TestAnswer

    /// Sends a request.
    @discardableResult
    package func execute(
        uri: String, method: HTTPRequest.Method, headers: HTTPFields = [:],
        body: ByteBuffer = ByteBuffer()
    ) async throws -> TestAnswer {
        try await send(uri, method, headers, body)
    }

    /// Runs a test on a server.
    ///
    /// - Parameter addresses: what the server announces, for a test over a socket.
    package static func run(
        _ transport: Transport, _ server: LimitedServer, _ router: Router<ServerContext>,
        addresses: AsyncStream<String>,
        _ test: @Sendable @escaping (TestClient) async throws -> Void
    ) async throws {
        switch transport {
        case .inProcess: try await test(TestClient(router))
        case .socket:
            let application = server.application(router)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await application.run() }
                for await address in addresses {
                    try await test(TestClient(address))
                    break
                }
                group.cancelAll()
                // Whatever a server says that is cancelled.
                while let result = await group.nextResult() { _ = result }
            }
        }
    }

    // MARK: Without a socket

    private init(_ router: Router<ServerContext>) {
        let responder = router.buildResponder()
        send = { uri, method, headers, body in
            let request = Request(
                head: HTTPRequest(
                    method: method, scheme: "http", authority: "localhost", path: uri,
                    headerFields: headers), body: RequestBody(buffer: body))
            let context = ServerContext(
                source: ApplicationRequestContextSource(
                    channel: NIOAsyncTestingChannel(),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
            let response = try await responder.respond(to: request, context: context)
            let collector = BodyCollector()
            try await response.body.write(collector)
            return TestAnswer(
                status: response.status, headers: response.headers, body: await collector.body)
        }
    }

    // MARK: With a socket

    private init(_ address: String) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.requestCachePolicy = .reloadIgnoringLocalAndRemoteCacheData
        let session = URLSession(configuration: configuration)
        send = { uri, method, headers, body in
            guard let url = URL(string: address + uri) else { throw URLError(.badURL) }
            var request = URLRequest(url: url)
            request.httpMethod = method.rawValue
            for field in headers {
                request.setValue(field.value, forHTTPHeaderField: field.name.rawName)
            }
            if body.readableBytes > 0 { request.httpBody = Data(body.readableBytesView) }
            let (data, response) = try await session.data(for: request)
            guard let response = response as? HTTPURLResponse else {
                throw URLError(.badServerResponse)
            }
            var fields = HTTPFields()
            for (name, value) in response.allHeaderFields {
                guard let name = HTTPField.Name("\(name)") else { continue }
                fields[name] = "\(value)"
            }
            return TestAnswer(
                status: HTTPResponse.Status(code: response.statusCode), headers: fields,
                body: ByteBuffer(bytes: data))
        }
    }
}

/// Keeps what a body writes.
private actor BodyCollector: ResponseBodyWriter {
    private(set) var body = ByteBuffer()

    private func add(_ buffer: ByteBuffer) { body.writeImmutableBuffer(buffer) }

    nonisolated func write(_ buffer: ByteBuffer) async throws { await add(buffer) }

    nonisolated func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
