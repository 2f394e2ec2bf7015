import Contexts
import Foundation

/// Where a measurement puts its files.
struct MeasureFiles {
    /// The profile's name.
    let name: String
    let profile: String
    let table: String
    /// The table's path as the profile says it.
    let tableReference: String
    let overwrites: Bool

    /// What was measured before the table is whole.
    var log: String { table + ".partial" }

    /// Checks names and places, and makes the folder for tables.
    init(output: String?, name: String?, overwrites: Bool) throws {
        let path = output ?? "\(name ?? "this-machine").yaml"
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? ""
        let file = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard file.hasSuffix(".yaml") || file.hasSuffix(".yml") else {
            throw CommandFailure(.usage, "--output \(path): must end in .yaml")
        }
        let stem = String(file.prefix { $0 != "." })
        self.name = name ?? stem
        guard Self.isName(self.name) else {
            throw CommandFailure(
                .usage,
                "--name \(self.name): must be 1 to 64 lower-case letters, digits and inner hyphens")
        }
        profile = path
        tableReference = "tables/\(self.name).csv"
        table = folder + tableReference
        self.overwrites = overwrites
        var isFolder: ObjCBool = false
        guard
            folder.isEmpty
                || FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
                    && isFolder.boolValue
        else { throw CommandFailure(.cannotCreate, "\(folder): no such folder; make it first") }
        for path in [profile, table]
        where !overwrites && FileManager.default.fileExists(atPath: path) {
            throw CommandFailure(
                .cannotCreate,
                "\(path): is there already; use --force to replace it, or another --output")
        }
    }

    /// Makes the folder for tables where it is not there yet.
    func makeFolder() throws {
        let folder = String(table.prefix(table.count - name.count - 5))
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.cannotCreate, "\(folder): the folder cannot be made")
        }
    }

    private static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-")
        }
        return isPlain && (1...64).contains(name.count) && name.first != "-" && name.last != "-"
    }
}
