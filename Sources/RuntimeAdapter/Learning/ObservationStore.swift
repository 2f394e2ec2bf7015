import Synchronization

/// Where what was learned survives a restart.
public protocol ObservationStore: Sendable {
    /// What was saved last; nil if nothing was.
    ///
    /// - Throws: whatever the place has to say; the adapter then starts with nothing learned.
    func load() async throws -> PerformanceState?

    /// Replaces what was saved.
    ///
    /// - Throws: whatever the place has to say; the adapter tries again later.
    func save(_ state: PerformanceState) async throws
}

/// Keeps what was learned as long as the process lives.
public final class InMemoryObservationStore: ObservationStore {
    private let saved = Mutex<PerformanceState?>(nil)

    /// A store with nothing in it.
    public init() {}

    /// What was saved last; nil if nothing was.
    public func load() async -> PerformanceState? { saved.withLock { $0 } }

    /// Replaces what was saved.
    public func save(_ state: PerformanceState) async { saved.withLock { $0 = state } }
}
