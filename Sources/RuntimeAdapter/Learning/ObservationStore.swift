import Synchronization

/// Where what was learned survives a restart.
///
/// `RuntimeAdapterTesting.ObservationStoreTest` is the suite that says whether a store keeps to the protocol.
public protocol ObservationStore: Sendable {
    /// What was saved last; nil if nothing was.
    ///
    /// - Throws: whatever the place has to say; the adapter then starts with nothing learned.
    func load() async throws -> PerformanceState?

    /// Replaces what was saved: all of it or nothing.
    ///
    /// - Throws: whatever the place has to say; the adapter tries again later.
    func save(_ state: PerformanceState) async throws

    /// The contexts that were saved last; nil if none were, and where a store keeps none.
    ///
    /// - Throws: whatever the place has to say; the adapter then starts with none seen.
    func loadContexts() async throws -> ContextHistogramState?

    /// Replaces the contexts that were saved: all of them or none.
    ///
    /// - Throws: whatever the place has to say; the adapter tries again later.
    func saveContexts(_ state: ContextHistogramState) async throws
}

extension ObservationStore {
    /// A store that keeps no contexts.
    public func loadContexts() async throws -> ContextHistogramState? { nil }

    /// A store that keeps no contexts.
    public func saveContexts(_ state: ContextHistogramState) async throws {}

    /// Everything that was saved, as one document.
    ///
    /// - Throws: what loading throws.
    public func document() async throws -> ObservationDocument {
        ObservationDocument(
            contexts: try await loadContexts(), performance: try await load())
    }
}

/// Keeps what was learned as long as the process lives.
public final class InMemoryObservationStore: ObservationStore {
    private let saved = Mutex<PerformanceState?>(nil)
    private let savedContexts = Mutex<ContextHistogramState?>(nil)

    /// A store with nothing in it.
    public init() {}

    /// What was saved last; nil if nothing was.
    public func load() async -> PerformanceState? { saved.withLock { $0 } }

    /// Replaces what was saved.
    public func save(_ state: PerformanceState) async { saved.withLock { $0 = state } }

    /// The contexts that were saved last; nil if none were.
    public func loadContexts() async -> ContextHistogramState? { savedContexts.withLock { $0 } }

    /// Replaces the contexts that were saved.
    public func saveContexts(_ state: ContextHistogramState) async {
        savedContexts.withLock { $0 = state }
    }
}
