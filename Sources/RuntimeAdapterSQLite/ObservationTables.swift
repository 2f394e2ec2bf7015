import Foundation
import GRDB
import RuntimeAdapter

/// The tables of the database, and how they came to be.
///
/// Texts are kept as their UTF-8: SQLite's own end at a zero byte.
enum ObservationTables {
    /// Tells the database from those of others; in the header of the file (`PRAGMA application_id`): "Espl".
    static let applicationID: Int32 = 0x4573_706C

    /// Every version of the tables, the oldest first.
    ///
    /// What is there stays as it is; changes come behind.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(
                sql: """
                    CREATE TABLE facts (name TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
                    CREATE TABLE cells (
                        quantity TEXT NOT NULL, device_class BLOB NOT NULL, digest BLOB NOT NULL,
                        mean REAL NOT NULL, variance REAL NOT NULL, weight REAL NOT NULL,
                        trusted_weight REAL NOT NULL, clients INTEGER NOT NULL,
                        PRIMARY KEY (device_class, digest, quantity)
                    ) WITHOUT ROWID;
                    CREATE TABLE contexts (context BLOB PRIMARY KEY, weight REAL NOT NULL) WITHOUT ROWID;
                    """)
        }
        return migrator
    }

    /// Whether the database may be used: ours, or nobody's.
    static func isOurs(_ database: Database) throws -> Bool {
        let identity = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let count = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
        return identity == applicationID || (identity == 0 && count == 0)
    }

    // MARK: Facts

    static func fact(_ name: String, in database: Database) throws -> Double? {
        try Double.fetchOne(
            database, sql: "SELECT value FROM facts WHERE name = ?", arguments: [name])
    }

    static func setFact(_ name: String, to value: Double, in database: Database) throws {
        guard try fact(name, in: database) != value else { return }
        try database.execute(
            sql: "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
            arguments: [name, value])
    }

    // MARK: Cells

    /// What a cell is about.
    struct CellKey: Hashable {
        let quantity: String
        let deviceClass: Data
        let digest: Data

        init(_ cell: PerformanceState.Cell) {
            quantity = cell.quantity.rawValue
            deviceClass = Data(cell.deviceClass.utf8)
            digest = Data(cell.digest.utf8)
        }
    }

    static func cells(in database: Database) throws -> [PerformanceState.Cell] {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT quantity, device_class, digest, mean, variance, weight, trusted_weight, clients
                FROM cells ORDER BY device_class, digest, quantity
                """)
        var cells: [PerformanceState.Cell] = []
        while let row = try rows.next() {
            let name: String = row[0]
            // A quantity of a later version is none of this one's.
            guard let quantity = ObservedQuantity(rawValue: name) else { continue }
            let (deviceClass, digest): (Data, Data) = (row[1], row[2])
            cells.append(
                PerformanceState.Cell(
                    quantity: quantity, deviceClass: String(decoding: deviceClass, as: UTF8.self),
                    digest: String(decoding: digest, as: UTF8.self), mean: row[3], variance: row[4],
                    weight: row[5], trustedWeight: row[6], clients: row[7]))
        }
        return cells
    }

    /// Makes the cells those given; writes only what is different.
    static func replaceCells(
        with cells: [PerformanceState.Cell], in database: Database
    ) throws {
        var known: [CellKey: PerformanceState.Cell] = [:]
        for cell in try self.cells(in: database) { known[CellKey(cell)] = cell }
        let insert = try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO cells
                (quantity, device_class, digest, mean, variance, weight, trusted_weight, clients)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for cell in cells where cell.isFinite {
            let key = CellKey(cell)
            guard known.removeValue(forKey: key) != cell else { continue }
            try insert.execute(arguments: [
                key.quantity, key.deviceClass, key.digest, cell.mean, cell.variance, cell.weight,
                cell.trustedWeight, cell.clients,
            ])
        }
        let delete = try database.cachedStatement(
            sql: "DELETE FROM cells WHERE quantity = ? AND device_class = ? AND digest = ?")
        for key in known.keys {
            try delete.execute(arguments: [key.quantity, key.deviceClass, key.digest])
        }
    }

    // MARK: Contexts

    static func contexts(in database: Database) throws -> [Data: Double] {
        let rows = try Row.fetchCursor(database, sql: "SELECT context, weight FROM contexts")
        var contexts: [Data: Double] = [:]
        while let row = try rows.next() {
            let context: Data = row[0]
            contexts[context] = row[1]
        }
        return contexts
    }

    /// Makes the contexts those given; writes only what is different.
    static func replaceContexts(
        with rows: [ContextHistogramState.Row], in database: Database
    ) throws {
        var known = try contexts(in: database)
        let insert = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO contexts (context, weight) VALUES (?, ?)")
        for row in rows where row.weight.isFinite {
            let key = Data(row.key.utf8)
            guard known.removeValue(forKey: key) != row.weight else { continue }
            try insert.execute(arguments: [key, row.weight])
        }
        let delete = try database.cachedStatement(sql: "DELETE FROM contexts WHERE context = ?")
        for key in known.keys { try delete.execute(arguments: [key]) }
    }
}

extension PerformanceState.Cell {
    /// What is not would be no number in the database; restoring leaves it out in any case.
    fileprivate var isFinite: Bool {
        mean.isFinite && variance.isFinite && weight.isFinite && trustedWeight.isFinite
    }
}
