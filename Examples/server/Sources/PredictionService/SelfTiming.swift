package import RuntimeAdapter
import ServiceLifecycle
import Serving
import Synchronization

/// Times the loaded networks now and then, so that predictions follow the machine also while nobody is served.
///
/// Without it a server that measured itself in a bad moment would believe that nothing answers in time, refuse
/// everything, and never learn that it is wrong.
package struct SelfTiming: Service {
    private final class Known: Sendable {
        let digests = Mutex<Set<String>>([])
    }

    private let adapter: RuntimeAdapter<ServedNetwork>
    private let loader: NetworkLoader
    private let pool: WorkerPool
    private let interval: Duration
    private let known = Known()

    /// - Parameter interval: between two rounds.
    package init(
        _ adapter: RuntimeAdapter<ServedNetwork>, loader: NetworkLoader, pool: WorkerPool,
        interval: Duration = .seconds(2)
    ) {
        self.adapter = adapter
        self.loader = loader
        self.pool = pool
        self.interval = interval
    }

    /// Runs until the group shuts down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await round()
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Times each network once, a new one so often that predictions follow; none while there is other work.
    func round() async {
        for (digest, network) in loader.loaded {
            let isNew = known.digests.withLock { $0.insert(digest).inserted }
            let count = isNew ? adapter.options.selection.observationsPerRefresh : 1
            for _ in 0..<count where isNew || !pool.isBusy { await time(network, digest) }
        }
        let loaded = Set(loader.loaded.keys)
        known.digests.withLock { $0.formIntersection(loaded) }
    }

    private func time(_ network: ServedNetwork, _ digest: String) async {
        let zeros = [Float](repeating: 0, count: network.inputCount)
        let timed = try? await pool.run(predictedMs: 0, deadlineMs: .infinity) {
            let start = ContinuousClock.now
            _ = try network.predict(zeros)
            return start.duration(to: .now) / .milliseconds(1)
        }
        guard let timed else { return }
        adapter.observe(
            PerformanceReport(
                context: ClientContext(
                    model: network.model, device: .init(deviceClass: ServerCapability.deviceClass)),
                digest: digest, inferenceMs: timed.output, isTrusted: true))
    }
}
