import Foundation
import GRDB

/// One opened database: checked, and of this version.
struct ObservationDatabase {
    let queue: DatabaseQueue
    /// Which file was opened.
    let file: FileIdentity?

    /// A file, whatever its name.
    struct FileIdentity: Equatable {
        private let device: UInt64
        private let number: UInt64

        /// nil if there is none.
        init?(at path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
        }
    }

    /// Opens or makes the database.
    ///
    /// - Throws: ``SQLiteStoreError``; a damaged one is left where it is.
    init(path: String, mostBytes: Int, busySeconds: Double) throws(SQLiteStoreError) {
        do {
            var configuration = Configuration()
            configuration.label = "observations"
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(busySeconds)
            configuration.prepareDatabase { database in
                let pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4096
                let pages = max(16, mostBytes / max(512, pageBytes))
                try database.execute(sql: "PRAGMA max_page_count = \(pages)")
            }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let migrator = ObservationTables.migrator
            try queue.read { database in
                guard try ObservationTables.isOurs(database) else {
                    throw SQLiteStoreError(
                        .foreign, path: path, detail: "the file has another application's mark")
                }
                if try migrator.hasBeenSuperseded(database) {
                    throw SQLiteStoreError(
                        .tooNew, path: path, detail: "a newer version changed the tables")
                }
                let state = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? ""
                if state != "ok" { throw SQLiteStoreError(.damaged, path: path, detail: state) }
            }
            try migrator.migrate(queue)
            self.queue = queue
            file = FileIdentity(at: path)
        } catch { throw SQLiteStoreError(error, path: path) }
    }

    /// Puts a damaged database with its journal under another name.
    ///
    /// - Returns: the new name.
    /// - Throws: ``SQLiteStoreError`` with `damaged` if it cannot be renamed.
    static func setAside(_ path: String) throws(SQLiteStoreError) -> String {
        for number in 1...10_000 {
            let target = "\(path).damaged-\(number)"
            guard access(target, F_OK) != 0 else { continue }
            guard rename(path, target) == 0 else {
                let reason = String(cString: strerror(errno))
                throw SQLiteStoreError(
                    .damaged, path: path, detail: "and cannot be put aside: \(reason)")
            }
            for suffix in ["-wal", "-shm"] { rename(path + suffix, target + suffix) }
            return target
        }
        throw SQLiteStoreError(.damaged, path: path, detail: "and too many are aside already")
    }
}
