import Foundation
import GRDB
import RuntimeAdapter
import RuntimeAdapterSQLite
import RuntimeAdapterTesting
import Testing

/// What was learned, in a database on disk.
@Suite struct SQLiteObservationStoreTests {
    /// A folder of its own for each test.
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appending(path: "observations-\(UUID())")

        init() throws {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: url) }

        var path: String { url.appending(path: "observations.sqlite").path }

        var names: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
        }
    }

    private func state(_ count: Int, mean: Double = 0.5) -> PerformanceState {
        PerformanceState(
            cells: (0..<count).map { number in
                PerformanceState.Cell(
                    quantity: .inference, deviceClass: "class=phone-4g",
                    digest: "sha256:" + String(format: "%06d", number), mean: mean, variance: 0.25,
                    weight: 3, trustedWeight: 1, clients: 2)
            })
    }

    private func code(_ path: String) -> SQLiteStoreError.Code? {
        do throws(SQLiteStoreError) {
            _ = try SQLiteObservationStore(path: path)
            return nil
        } catch { return error.code }
    }

    @Test func keepsToTheProtocol() async throws {
        let folder = try Folder()
        let path = folder.path
        try await ObservationStoreTest(
            store: SQLiteObservationStore(path: path),
            reopen: { try SQLiteObservationStore(path: path) }
        ).run()
    }

    @Test func aSaveWritesOnlyWhatChanged() async throws {
        let folder = try Folder()
        let store = try SQLiteObservationStore(path: folder.path)
        var learned = state(5000)
        try await store.save(learned)
        let queue = try DatabaseQueue(path: folder.path)
        try await queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE written (count INTEGER);
                    CREATE TRIGGER inserted AFTER INSERT ON cells
                        BEGIN INSERT INTO written VALUES (1); END;
                    CREATE TRIGGER deleted AFTER DELETE ON cells
                        BEGIN INSERT INTO written VALUES (1); END;
                    """)
        }
        func written() async throws -> Int {
            try await queue.write { database in
                let count = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM written") ?? -1
                try database.execute(sql: "DELETE FROM written")
                return count
            }
        }
        try await store.save(learned)
        #expect(try await written() == 0)
        learned.cells[17].mean = 0.75
        learned.cells.removeLast()
        try await store.save(learned)
        #expect(try await written() == 2)
        #expect(try await store.load() == learned)
    }

    @Test func whatIsDamagedIsPutAside() async throws {
        let folder = try Folder()
        try await SQLiteObservationStore(path: folder.path).save(state(3000))
        let whole = try Data(contentsOf: URL(filePath: folder.path))
        #expect(whole.count > 100_000)
        var torn = whole
        for offset in stride(from: 8192, to: whole.count, by: 4096) {
            torn.replaceSubrange(offset..<offset + 64, with: Data(repeating: 0xA5, count: 64))
        }
        for (number, bytes) in [
            torn, whole.prefix(20_000), Data(repeating: 7, count: 5000), Data("no database".utf8),
        ].enumerated() {
            for suffix in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: folder.path + suffix)
            }
            // Another file, as connections to the one before may still be closing.
            try bytes.write(to: URL(filePath: folder.path), options: .atomic)
            let store = try SQLiteObservationStore(path: folder.path)
            #expect(store.setAside == "\(folder.path).damaged-\(number + 1)")
            #expect(try await store.load() == nil)
            let aside = try Data(contentsOf: URL(filePath: store.setAside ?? ""))
            // What SQLite takes for a database it may have written to before it saw the damage.
            let isDatabase = bytes.starts(with: Data("SQLite format 3".utf8))
            #expect(isDatabase ? !aside.isEmpty : aside == bytes)
            try await store.save(state(3))
            #expect(try await store.load() == state(3))
        }
    }

    /// Whoever removes the file under a running server loses what was in it, not what is saved later.
    @Test func aFileThatIsRemovedIsMadeAgain() async throws {
        let folder = try Folder()
        let store = try SQLiteObservationStore(path: folder.path)
        try await store.save(state(5))
        for name in try folder.names {
            try FileManager.default.removeItem(at: folder.url.appending(path: name))
        }
        try await store.save(state(7))
        #expect(try await SQLiteObservationStore(path: folder.path).load() == state(7))
        for name in try folder.names {
            try FileManager.default.removeItem(at: folder.url.appending(path: name))
        }
        try Data("no database".utf8).write(to: URL(filePath: folder.path))
        try await store.save(state(9))
        #expect(store.setAside == folder.path + ".damaged-1")
        #expect(try await SQLiteObservationStore(path: folder.path).load() == state(9))
    }

    @Test func whatANewerVersionMadeStays() async throws {
        let folder = try Folder()
        try await SQLiteObservationStore(path: folder.path).save(state(5))
        let queue = try DatabaseQueue(path: folder.path)
        try await queue.write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('2')")
        }
        #expect(code(folder.path) == .tooNew)
        #expect(
            try await queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM cells") } == 5)
        #expect(try !folder.names.contains { $0.contains("damaged") })
    }

    @Test func databasesOfOthersStay() async throws {
        let folder = try Folder()
        let queue = try DatabaseQueue(path: folder.path)
        try await queue.write { try $0.execute(sql: "CREATE TABLE customers (name TEXT)") }
        #expect(code(folder.path) == .foreign)
        #expect(try await queue.read { try $0.tableExists("customers") })
        #expect(try !folder.names.contains { $0.contains("damaged") })
    }

    @Test func placesThatCannotBeWritten() throws {
        let folder = try Folder()
        #expect(code(folder.url.appending(path: "nowhere/a.sqlite").path) == .cannotOpen)
        let inner = folder.url.appending(path: "folder")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
        #expect(code(inner.path) == .cannotOpen)
        #expect(code("/proc/observations.sqlite") == .cannotOpen)
    }

    @Test func aFullDiskLosesNothing() async throws {
        let folder = try Folder()
        let store = try SQLiteObservationStore(path: folder.path, mostBytes: 256 << 10)
        let learned = state(500)
        try await store.save(learned)
        await #expect(throws: SQLiteStoreError.self) { try await store.save(state(50_000)) }
        do { try await store.save(state(50_000)) } catch let error as SQLiteStoreError {
            #expect(error.code == .full)
            #expect(error.path == folder.path)
        }
        #expect(try await store.load() == learned)
        #expect(try await SQLiteObservationStore(path: folder.path).load() == learned)
        // And goes on when there is room again.
        let changed = state(500, mean: 0.25)
        try await store.save(changed)
        #expect(try await store.load() == changed)
    }

    @Test func whoeverHoldsItTooLongIsWaitedForNoLonger() async throws {
        let folder = try Folder()
        let store = try SQLiteObservationStore(path: folder.path, busyTimeout: .milliseconds(20))
        try await store.save(state(5))
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: folder.path, configuration: configuration)
        try await queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        do {
            try await store.save(state(6))
            Issue.record("saved into a database that another process holds")
        } catch let error as SQLiteStoreError { #expect(error.code == .busy) }
        try await queue.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await store.save(state(6))
        #expect(try await store.load() == state(6))
    }

    @Test func nonsenseIsNotWritten() async throws {
        let folder = try Folder()
        let store = try SQLiteObservationStore(path: folder.path)
        var learned = state(3)
        learned.cells[1].mean = .nan
        learned.cells[2].weight = .infinity
        try await store.save(learned)
        #expect(try await store.load()?.cells == [learned.cells[0]])
    }

    @Test func anAdapterGoesOnWhereItWas() async throws {
        let folder = try Folder()
        var model = PerformanceModel()
        for number in 0..<200 {
            _ = model.record(
                Observation(
                    .load, deviceClass: "class=phone-4g", digest: "v\(number % 7)", predictedMs: 10,
                    observedMs: 25, client: "secret-\(number)", atMs: Double(number)))
        }
        let saved = model.state
        try await SQLiteObservationStore(path: folder.path).save(saved)
        let loaded = try #require(
            try await SQLiteObservationStore(path: folder.path).load())
        #expect(PerformanceModel(state: loaded).state == saved)
        for name in try folder.names {
            let bytes = try Data(contentsOf: folder.url.appending(path: name))
            #expect(bytes.range(of: Data("secret".utf8)) == nil)
        }
    }
}
