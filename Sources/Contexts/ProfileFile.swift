package import Foundation

/// A profile as it lies on disk, with the latency table that it names.
package struct ProfileFile: Sendable, Equatable {
    /// The path as the caller gave it.
    package let path: String
    /// The file's content, for digests.
    package let bytes: Data
    package let profile: Profile
    /// The content of the latency table's file, for digests.
    package let tableBytes: Data?
    package let table: LatencyTable?

    /// Reads and checks a profile and its latency table.
    ///
    /// - Throws: `DocumentError`; `LatencyTableError` if the table is at fault.
    package init(path: String) throws {
        bytes = try DocumentFile.bytes(of: path, .profile)
        self.path = path
        profile = try ProfileReader.read(bytes, file: path)
        guard let relative = profile.device?.latencyTable else {
            (table, tableBytes) = (nil, nil)
            return
        }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let tablePath = directory + relative
        let content: Data
        do {
            content = try DocumentFile.bytes(of: tablePath, atMost: LatencyTable.maximumBytes)
        } catch {
            throw LatencyTableError(.unreadable(errno: error.errno), file: tablePath)
        }
        tableBytes = content
        table = try LatencyTable(csv: content, file: tablePath)
    }

    /// A cost model for this profile's device and network.
    package var costModel: CostModel {
        CostModel(device: profile.device, network: profile.network, table: table)
    }
}
