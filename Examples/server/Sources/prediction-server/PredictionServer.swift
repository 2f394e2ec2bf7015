import ArgumentParser
import Foundation
import Logging
import PredictionService
import RuntimeAdapter
import Serving

/// `prediction-server`: answers samples with the variant of a store that answers in time.
@main struct PredictionServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prediction-server",
        abstract: "Predict with the most accurate variant of a store that answers in time.",
        discussion: """
            POST /predict   a sample: application/octet-stream (float32, little-endian) or a JSON array;
                            ?model= names the family; headers Deadline-Ms and Accuracy-Floor
            GET /metrics    for Prometheus
            GET /health     whether there is something to serve
            """)

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var serverOptions: ServerOptions

    @Option(help: "Predictions at a time, one thread each; the machine's processors by default.")
    var workers: Int?

    @Option(help: "Predictions that may wait for a worker; those beyond get status 503.")
    var queue = 64

    @Option(help: "Milliseconds that requests without Deadline-Ms have.")
    var deadlineMs = 1000.0

    @Option(help: "Memory for loaded networks, in MiB.")
    var cacheMib = 1024

    func validate() throws {
        guard (1...1024).contains(workers ?? 1) else {
            throw ValidationError("--workers must be from 1 to 1024.")
        }
        guard (0...100_000).contains(queue) else {
            throw ValidationError("--queue must be from 0 to 100000.")
        }
        guard (0...3_600_000).contains(deadlineMs) else {
            throw ValidationError("--deadline-ms must be from 0 to 3600000.")
        }
        guard (1...1_048_576).contains(cacheMib) else {
            throw ValidationError("--cache-mib must be from 1 to 1048576.")
        }
    }

    func run() async throws {
        let logger = serverOptions.logger("prediction-server")
        let registry = PrometheusRegistry()
        let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
        let device = try ServerCapability.measure()
        logger.info("measured this machine", metadata: ["device": "\(device)"])
        let source = try storeOptions.source(devices: [device])
        let loader = NetworkLoader(workers: workers)
        let budget = cacheMib << 20
        let adapter = try await storeOptions.explaining {
            let catalogue = try await source.snapshot().catalogue
            return try await RuntimeAdapter(
                source: source, loader: loader,
                options: AdapterOptions(
                    lifecycle: LifecycleOptions(budgetBytes: budget),
                    // Half of it, so that new versions find room beside those that they replace.
                    pinnedLines: PredictionRoutes.pinnedLines(
                        of: catalogue, loader: loader, budgetBytes: budget / 2)),
                logger: logger, metrics: registry)
        }
        let pool = WorkerPool(workers: workers, mostWaiting: queue)
        let predictor = Predictor(adapter, pool: pool, metrics: registry)
        let routes = PredictionRoutes(
            predictor, keys: try serverOptions.clientKeys(), bodyBytes: serverOptions.bodyBytes,
            deadlineMs: deadlineMs)
        let server = LimitedServer(options: serverOptions, registry: registry, logger: logger) {
            Announcement.print($0)
        }
        let router = server.router { AdapterHealth(adapter).response }
        routes.add(to: server.limited(router))
        try await server.run(
            router,
            beside: [
                AdapterService(adapter), SelfTiming(adapter, loader: loader, pool: pool),
            ])
    }
}
