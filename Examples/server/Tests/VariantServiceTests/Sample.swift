import ArgumentParser
import Crypto
import Foundation
import Logging
import RuntimeAdapter
import Serving
import ServiceLifecycle
import ServingTesting
import Testing

@testable import VariantService

/// Variants whose files follow from a number, described by a manifest that Espalier wrote.
enum Sample {
    static func content(_ number: Int, bytes: Int = 200_000) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ number) }
    }

    static func digest(_ bytes: [UInt8]) -> String {
        "sha256:" + SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    static func candidate(
        _ number: Int, accuracy: Double, trust: CandidateDescription.Trust = .accepted
    ) throws -> CandidateDescription {
        let root = URL(filePath: #filePath).appending(path: "../../../../../").standardized
        let manifest = try Data(contentsOf: root.appending(path: "docs/samples/manifest-1.json"))
        var candidate = try CandidateDescription(
            manifest: manifest, model: "net", reference: "net/p\(number):v1",
            digest: digest(Array("artifact \(number)".utf8)), trust: trust)
        let content = content(number)
        candidate.fileDigest = digest(content)
        candidate.fileBytes = content.count
        candidate.accuracy = accuracy
        return candidate
    }

    static func contents(_ numbers: Range<Int>) -> [String: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: numbers.map { (digest(content($0)), content($0)) })
    }
}

/// A server's parts over variants in memory: 0 is the better one, 1 the other, 2 is refused.
struct ServiceUnderTest: Sendable {
    let source: MemorySource
    let adapter: RuntimeAdapter<VariantFile>
    let shelf: VariantShelf
    let registry = PrometheusRegistry()
    let server: LimitedServer
    let routes: VariantRoutes
    private let addresses: AsyncStream<String>

    init(_ arguments: [String] = [], believesKeys: Bool = false) async throws {
        let source = MemorySource(
            VariantCatalogue([
                try Sample.candidate(0, accuracy: 0.9), try Sample.candidate(1, accuracy: 0.8),
                try Sample.candidate(2, accuracy: 0.99, trust: .refused),
            ]), contents: Sample.contents(0..<3))
        self.source = source
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let adapter = try await RuntimeAdapter(
            source: source, loader: FileLoader(), logger: logger, metrics: registry)
        self.adapter = adapter
        shelf = VariantShelf(source: source) { adapter.catalogue }
        let options = try ServerOptions.parse(["--port", "0"] + arguments)
        let (addresses, listening) = AsyncStream.makeStream(of: String.self)
        self.addresses = addresses
        server = LimitedServer(options: options, registry: registry, logger: logger) {
            listening.yield($0)
        }
        routes = VariantRoutes(
            adapter, shelf: shelf, keys: try options.clientKeys(), believesKeys: believesKeys,
            bodyBytes: options.bodyBytes)
    }

    /// Runs a test with a client.
    func test(
        _ transport: Transport = .inProcess,
        _ body: @Sendable @escaping (TestClient) async throws -> Void
    ) async throws {
        let routes = routes
        let router = server.router { routes.health() }
        routes.add(to: server.limited(router))
        try await TestClient.run(transport, server, router, addresses: addresses, body)
    }

    /// The server as a group that a test runs and ends, and its port once it listens.
    func start() async throws -> (ServiceGroup, port: @Sendable () async throws -> UInt16) {
        let (routes, addresses) = (routes, addresses)
        let router = server.router { routes.health() }
        routes.add(to: server.limited(router))
        let group = ServiceGroup(
            services: [server.application(router)],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return (
            group,
            {
                for await address in addresses {
                    return try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
                }
                throw CancellationError()
            }
        )
    }

    static func url(_ number: Int) -> String {
        "/variants/\(Sample.digest(Sample.content(number)))"
    }
}
