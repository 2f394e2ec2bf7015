import Dispatch
import Synchronization
import VariantStore

/// Variants of a store in a folder, which others may change at any time.
///
/// The store is looked at by one `stat` of its index, and read when that is another one. A store that is
/// gone, torn or damaged leaves what was last read in place; what was read of it stays true, as it is
/// named by its content.
public final class StoreSource: VariantSource {
    /// The store's folder.
    public let path: String
    private let reader: StoreReader
    private let interval: Duration
    private let clock: AdapterClock

    /// A source of a store that need not be there yet.
    ///
    /// - Parameters:
    ///   - trust: whose signatures count; nil accepts everything.
    ///   - devices: classes beside those of the variants' own profiles, which they win over.
    ///   - interval: how often the store is looked at while somebody reads ``changes()``.
    ///   - clock: what tells when to look.
    public init(
        _ path: String, versions: VersionChoice = .latest, trust: TrustPolicy? = nil,
        devices: [KnownDevice] = [], interval: Duration = .seconds(2),
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        self.path = path
        self.interval = max(interval, .milliseconds(10))
        self.clock = AdapterClock(clock)
        reader = StoreReader(path: path, versions: versions, trust: trust, devices: devices)
    }

    /// What the store had when it was last read whole.
    ///
    /// - Throws: ``SourceError`` with `unavailable` if it never was.
    public func snapshot() async throws -> SourceSnapshot {
        if let known = reader.known { return known }
        return try await refresh()
    }

    /// Reads the store if it changed.
    ///
    /// - Throws: ``SourceError`` with `unavailable`; what was last read stays.
    public func refresh() async throws -> SourceSnapshot {
        let reader = reader
        return try await offPool { () throws(SourceError) in try reader.refresh() }.get()
    }

    /// As ``refresh()``, but a store that stays damaged is not read every time.
    private func look() async throws -> SourceSnapshot {
        let reader = reader
        return try await offPool { () throws(SourceError) in try reader.refresh(isPatient: true) }
            .get()
    }

    /// Looks at the store again and again.
    ///
    /// A store of which something cannot be read is read again after 1, 2, 4 … 64 looks, or at once when its index changes.
    public func changes() -> AsyncStream<SourceChange> {
        let watch = Mutex(
            StoreWatch(revision: reader.known?.revision ?? 0, failures: reader.failures))
        return AsyncStream { [self] in
            while !Task.isCancelled {
                do { try await clock.sleep(interval) } catch { return nil }
                let outcome: Result<SourceSnapshot, SourceError>
                do { outcome = .success(try await look()) } catch {
                    outcome = .failure(
                        error as? SourceError ?? SourceError(code: .unavailable, place: path))
                }
                if let change = watch.withLock({ $0.take(outcome, failures: reader.failures) }) {
                    return change
                }
            }
            return nil
        }
    }

    /// A file of the store, digested, and kept from collection until it is let go.
    ///
    /// - Throws: ``SourceError``.
    public func fetch(_ candidate: CandidateDescription) async throws -> VariantFile {
        let reader = reader
        return try await offPool { () throws(SourceError) in try reader.fetch(candidate) }.get()
    }

    /// Runs what waits for the disk where no other task has to wait for it.
    private func offPool<T: Sendable>(
        _ body: @escaping @Sendable () throws(SourceError) -> T
    ) async -> Result<T, SourceError> {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(SourceError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }
}

/// What of the looks at a store is news.
struct StoreWatch: Sendable {
    private var revision: UInt64
    /// Of reads, this reader's or others', when all was well last.
    private var failures: UInt64
    private var failure: SourceError?

    /// A watch that knows a revision.
    init(revision: UInt64, failures: UInt64 = 0) {
        self.revision = revision
        self.failures = failures
    }

    /// Takes what a look showed; nil if a reader knows that already.
    ///
    /// - Parameter failures: of reads so far; one that somebody else met is over now, too.
    mutating func take(
        _ outcome: Result<SourceSnapshot, SourceError>, failures: UInt64
    ) -> SourceChange? {
        switch outcome {
        case .success(let snapshot) where snapshot.revision > revision:
            (revision, failure, self.failures) = (snapshot.revision, nil, failures)
            return .changed(snapshot)
        case .success:
            defer { (failure, self.failures) = (nil, failures) }
            return failures == self.failures ? nil : .recovered
        case .failure(let error):
            defer { failure = error }
            return failure == error ? nil : .failed(error)
        }
    }
}
