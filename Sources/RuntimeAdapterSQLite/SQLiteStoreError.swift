import GRDB

/// Why observations cannot be kept in a database.
public struct SQLiteStoreError: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Code: Sendable, Hashable {
        /// There is no such folder, or the file may not be opened or made.
        case cannotOpen
        /// The file or its folder may only be read.
        case readOnly
        /// A database of something else; it stays as it is.
        case foreign
        /// A newer version made it; it stays as it is.
        case tooNew
        /// Damaged, and it could not be put aside.
        case damaged
        /// The disk, or the limit of the database's size.
        case full
        /// Another process held it for longer than the timeout.
        case busy
        /// Reading or writing broke off.
        case inputOutput
        /// Something else that SQLite said.
        case other
    }

    /// What is wrong.
    public let code: Code
    /// The database's file.
    public let path: String
    /// What SQLite said, for logs.
    public let detail: String

    init(_ code: Code, path: String, detail: String) {
        self.code = code
        self.path = path
        self.detail = detail
    }

    init(_ error: any Error, path: String) {
        if let error = error as? SQLiteStoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.other, path: path, detail: "\(error)")
            return
        }
        let code: Code =
            switch error.resultCode {
            case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: .cannotOpen
            case .SQLITE_READONLY: .readOnly
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged
            case .SQLITE_FULL: .full
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_IOERR: .inputOutput
            default: .other
            }
        self.init(code, path: path, detail: error.message ?? "\(error.extendedResultCode)")
    }
}
