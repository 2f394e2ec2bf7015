import ArgumentParser
import Metrics
import RuntimeAdapter
import Serving
import VariantService

/// `variant-server`: says which variant of a store a client gets, and hands it out.
@main struct VariantServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "variant-server",
        abstract: "Say which variant of a store a client gets, and hand it out.",
        discussion: """
            POST /select            a context as JSON; ?explain=1 shows every candidate
            GET /variants/{digest}  the file, whole or a part of it
            POST /observations      how long a variant took to load or to run
            GET /metrics            for Prometheus
            GET /health             whether there is something to serve
            """)

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var serverOptions: ServerOptions

    @Option(help: "Files of variants that stay open.")
    var openFiles = 64

    @Flag(
        help: "Believe the `client` in bodies. Only where no one but your own servers can ask.")
    var trustClientKeys = false

    func run() async throws {
        let logger = serverOptions.logger("variant-server")
        let registry = PrometheusRegistry()
        let source = try storeOptions.source()
        let adapter = try await storeOptions.explaining {
            try await RuntimeAdapter(
                source: source, loader: FileLoader(), logger: logger, metrics: registry)
        }
        let shelf = VariantShelf(source: source, mostOpen: openFiles) { adapter.catalogue }
        let routes = VariantRoutes(
            adapter, shelf: shelf, keys: try serverOptions.clientKeys(),
            believesKeys: trustClientKeys, bodyBytes: serverOptions.bodyBytes)
        let server = LimitedServer(options: serverOptions, registry: registry, logger: logger) {
            Announcement.print($0)
        }
        let router = server.router { routes.health() }
        routes.add(to: server.limited(router))
        try await server.run(router, beside: [AdapterService(adapter)])
    }
}
