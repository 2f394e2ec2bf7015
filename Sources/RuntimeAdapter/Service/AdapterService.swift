public import ServiceLifecycle

/// Follows an adapter's source in a service group: new versions come in, what was learned is saved.
///
/// On graceful shutdown it saves once more and closes the adapter; leases that are out stay good.
public struct AdapterService<Model: Sendable>: Service {
    private let adapter: RuntimeAdapter<Model>

    /// A service for an adapter.
    public init(_ adapter: RuntimeAdapter<Model>) { self.adapter = adapter }

    /// Runs until the group shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await adapter.follow() }
        await adapter.save()
        adapter.shutDown()
    }
}
