import CoreMetrics
import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import ServiceLifecycle
import UnixSignals

/// An HTTP server with the limits of its options, as part of a service group.
package struct LimitedServer: Sendable {
    /// Where it listens, and its limits.
    package let options: ServerOptions
    /// What `GET /metrics` shows.
    package let registry: PrometheusRegistry
    private let logger: Logger
    private let announce: @Sendable (String) -> Void

    /// A server that does not run yet.
    ///
    /// - Parameter announce: told the address once it listens.
    package init(
        options: ServerOptions, registry: PrometheusRegistry, logger: Logger,
        announce: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.options = options
        self.registry = registry
        self.logger = logger
        self.announce = announce
    }

    /// A router with metrics, problems and the limit of requests, for routes to be added to.
    ///
    /// - Parameter health: makes the answer to `GET /health`.
    package func router(
        health: @escaping @Sendable () -> Response
    ) -> Router<ServerContext> {
        let router = Router(context: ServerContext.self)
        router.add(middleware: RequestMetrics(registry))
        if let origin = options.allowOrigin {
            router.add(middleware: Self.allowing(origin))
        }
        router.add(middleware: ProblemMiddleware())
        // Who looks whether the server is well is not turned away because it is busy.
        router.get("health") { _, _ in health() }
        router.get("metrics") { [registry] _, _ in
            Response(
                status: .ok,
                headers: [
                    .contentType: PrometheusText.contentType, .cacheControl: "no-store",
                ], body: ResponseBody(byteBuffer: ByteBuffer(string: registry.text)))
        }
        return router
    }

    /// Lets a web page of another origin ask, and read what the answers' headers say.
    private static func allowing(_ origin: String) -> CORSMiddleware<ServerContext> {
        let sent = ["Deadline-Ms", "Accuracy-Floor"].compactMap { HTTPField.Name($0) }
        return CORSMiddleware(
            allowOrigin: origin == "*" ? .all : .custom(origin),
            allowHeaders: [.accept, .contentType, .range, .ifRange, .ifNoneMatch] + sent,
            exposedHeaders: [
                "ETag", "Content-Range", "Accept-Ranges", "Retry-After", "Variant",
                "Variant-Digest", "Predicted-Ms", "Inference-Ms", "Queue-Ms", "Total-Ms",
                "Deadline-Met",
            ], maxAge: .hours(1))
    }

    /// Where routes go whose number at a time is limited.
    package func limited(_ router: Router<ServerContext>) -> RouterGroup<ServerContext> {
        router.group().add(middleware: ConcurrencyLimit(options.requests))
    }

    /// The application that answers by a router's routes.
    package func application(
        _ router: Router<ServerContext>
    ) -> some ApplicationProtocol {
        let limit = TimeAmount.seconds(Int64(options.requestSeconds))
        return Application(
            router: router,
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [
                        SlowClientHandler(limit: limit), FileSender(),
                        DrainBeforeClosing(limit: limit),
                    ],
                    idleTimeout: .seconds(Int64(options.idleSeconds)),
                    httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                        maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384,
                        maxHeaderFieldCount: 100))),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    options.connections, logger: logger)),
            onServerRunning: { [announce] channel in
                let address = channel.localAddress
                announce(
                    "http://\(address?.ipAddress ?? ""):\(address?.port ?? 0)")
            },
            logger: logger)
    }

    /// Runs until SIGTERM or SIGINT: then nothing new is accepted, and what is being answered ends.
    ///
    /// - Parameter services: what runs as long as the server does; it is stopped after it.
    /// - Throws: what a service throws, such as an address that is in use.
    package func run(
        _ router: Router<ServerContext>, beside services: [any Service]
    ) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services + [application(router)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(options.graceSeconds)
        try await ServiceGroup(configuration: configuration).run()
    }
}
