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
    /// - Throws: `ProfileError`; `LatencyTableError` if the table is at fault.
    package init(path: String) throws {
        do {
            bytes = try Self.read(path, atMost: ProfileReader.maximumBytes)
        } catch {
            throw ProfileError([
                ProfileIssue(.file(.unreadable(errno: error.errno)), file: path)
            ])
        }
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
            content = try Self.read(tablePath, atMost: LatencyTable.maximumBytes)
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

    private struct Unreadable: Error {
        let errno: Int32
    }

    /// Reads at most one byte more than the limit, so that a device or a huge file does no harm, and
    /// the size check still sees that it was too large.
    private static func read(_ path: String, atMost limit: Int) throws(Unreadable) -> Data {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Unreadable(errno: errno)
        }
        do {
            defer { try? handle.close() }
            return try handle.read(upToCount: limit + 1) ?? Data()
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            throw Unreadable(errno: cause.flatMap { Int32(exactly: $0.code) } ?? EIO)
        }
    }
}
