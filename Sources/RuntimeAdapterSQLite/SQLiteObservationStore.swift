import Foundation
import GRDB
public import RuntimeAdapter
import Synchronization

/// Keeps what a runtime adapter learned, and which contexts it saw, in an SQLite database.
///
/// ```swift
/// let observations = try SQLiteObservationStore(path: "/var/lib/example/observations.sqlite")
/// let adapter = try await RuntimeAdapter(
///     source: source, loader: loader, observations: observations)
/// ```
///
/// A save is one transaction that writes only what changed: a process that is killed loses at most the save that
/// it was making. Several processes may use one database; what the last of them saved is what is loaded. A
/// database that is damaged is put aside under another name, ``setAside``, and a new one is made: what was
/// learned is learned again. One that a newer version made, or something else, is an error and stays as it is.
/// No client's key is in it.
public final class SQLiteObservationStore: ObservationStore {
    /// The database's file; its write-ahead log and a lock for opening stand beside it.
    public let path: String
    private let mostBytes: Int
    private let busySeconds: Double
    private let current: Mutex<ObservationDatabase>
    private let damaged: Mutex<String?>

    /// Opens the database, or makes it.
    ///
    /// - Parameters:
    ///   - path: the database's file; its folder must be there.
    ///   - mostBytes: what the database may grow to; a save beyond it is `full`, and the one before stays.
    ///   - busyTimeout: how long a save waits for another process.
    /// - Throws: ``SQLiteStoreError``.
    public init(
        path: String, mostBytes: Int = 256 << 20, busyTimeout: Duration = .seconds(5)
    ) throws(SQLiteStoreError) {
        self.path = path
        self.mostBytes = mostBytes
        let (seconds, attoseconds) = busyTimeout.components
        busySeconds = max(0, Double(seconds) + Double(attoseconds) / 1e18)
        let opened = try Self.open(path, mostBytes: mostBytes, busySeconds: busySeconds)
        current = Mutex(opened.database)
        damaged = Mutex(opened.setAside)
    }

    /// Where the last damaged database was put; nil if none was found damaged.
    public var setAside: String? { damaged.withLock { $0 } }

    private static func open(
        _ path: String, mostBytes: Int, busySeconds: Double
    ) throws(SQLiteStoreError) -> (database: ObservationDatabase, setAside: String?) {
        func open() throws(SQLiteStoreError) -> ObservationDatabase {
            try ObservationDatabase(path: path, mostBytes: mostBytes, busySeconds: busySeconds)
        }
        // A database that is being made or put aside is nothing that another process should judge.
        let lock = try OpeningLock(path)
        defer { lock.release() }
        do throws(SQLiteStoreError) { return (try open(), nil) } catch {
            guard error.code == .damaged else { throw error }
            let place = try ObservationDatabase.setAside(path)
            return (try open(), place)
        }
    }

    // MARK: Learned

    /// What was saved last; nil if nothing was.
    ///
    /// - Throws: ``SQLiteStoreError``.
    public func load() async throws -> PerformanceState? {
        try await use { database in
            guard let schema = try ObservationTables.fact("performance-schema", in: database) else {
                return nil
            }
            return PerformanceState(
                schema: Int(schema), cells: try ObservationTables.cells(in: database))
        }
    }

    /// Replaces what was saved, in one transaction.
    ///
    /// - Throws: ``SQLiteStoreError``; what was saved before is there still.
    public func save(_ state: PerformanceState) async throws {
        try await use { database in
            try ObservationTables.setFact(
                "performance-schema", to: Double(state.schema), in: database)
            try ObservationTables.replaceCells(with: state.cells, in: database)
        }
    }

    // MARK: Contexts

    /// The contexts that were saved last; nil if none were.
    ///
    /// - Throws: ``SQLiteStoreError``.
    public func loadContexts() async throws -> ContextHistogramState? {
        try await use { database in
            func fact(_ name: String) throws -> Double? {
                try ObservationTables.fact(name, in: database)
            }
            guard let schema = try fact("contexts-schema"),
                let halfLife = try fact("half-life-ms"), let age = try fact("age-ms")
            else { return nil }
            let decoder = JSONDecoder()
            let rows = try ObservationTables.contexts(in: database).compactMap { key, weight in
                (try? decoder.decode(RequestContext.self, from: key)).map {
                    ContextHistogramState.Row(context: $0, weight: weight)
                }
            }
            return ContextHistogramState(
                schema: Int(schema), halfLifeMs: halfLife, ageMs: age,
                rows: rows.sorted { $0.key < $1.key })
        }
    }

    /// Replaces the contexts that were saved, in one transaction.
    ///
    /// - Throws: ``SQLiteStoreError``; what was saved before is there still.
    public func saveContexts(_ state: ContextHistogramState) async throws {
        try await use { database in
            try ObservationTables.setFact(
                "contexts-schema", to: Double(state.schema), in: database)
            try ObservationTables.setFact("half-life-ms", to: state.halfLifeMs, in: database)
            try ObservationTables.setFact("age-ms", to: state.ageMs, in: database)
            try ObservationTables.replaceContexts(with: state.rows, in: database)
        }
    }

    // MARK: Transactions

    /// Works on the database in one transaction; on a new one if it turns out to be damaged, or is gone.
    private func use<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> T
    ) async throws(SQLiteStoreError) -> T {
        do throws(SQLiteStoreError) { return try await attempt(work) } catch {
            guard error.code == .damaged else { throw error }
            try reopen()
            return try await attempt(work)
        }
    }

    private func attempt<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> T
    ) async throws(SQLiteStoreError) -> T {
        var database = current.withLock { $0 }
        // Somebody removed or replaced the file: what is written to the old one nobody will find.
        if database.file != ObservationDatabase.FileIdentity(at: path) {
            try reopen()
            database = current.withLock { $0 }
        }
        do {
            return try await database.queue.writeWithoutTransaction { database in
                var result: T?
                // At once, so that no other process comes between what is read and what is written.
                try database.inTransaction(.immediate) {
                    result = try work(database)
                    return .commit
                }
                guard let result else {
                    throw SQLiteStoreError(.other, path: "", detail: "no result")
                }
                return result
            }
        } catch { throw SQLiteStoreError(error, path: path) }
    }

    private func reopen() throws(SQLiteStoreError) {
        let opened = try Self.open(path, mostBytes: mostBytes, busySeconds: busySeconds)
        current.withLock { $0 = opened.database }
        if let place = opened.setAside { damaged.withLock { $0 = place } }
    }
}
