import Contexts
import Foundation
import Testing

/// The seeds that fuzzing starts from, and what it found.
///
/// As in `Tests/Fuzz/FuzzContexts`, a file that begins with a comma is a latency table, any other a
/// profile.
@Suite struct FuzzReplayTests {
    @Test func theSeedsAreGood() throws {
        let seeds = try Repository.files(
            in: Repository.fixtures.appending(path: "fuzz-seeds"), ending: ".csv")
        #expect(seeds.count == 2)
        for seed in seeds {
            let table = try LatencyTable(
                csv: Data(contentsOf: seed).dropFirst(), file: seed.path)
            #expect(table.count > 0)
        }
    }

    @Test func theFindsAreRefusedInWords() throws {
        let finds = Repository.fixtures.appending(path: "fuzz-finds")
        guard FileManager.default.fileExists(atPath: finds.path) else { return }
        for find in try Repository.files(in: finds, ending: "") {
            let bytes = try Data(contentsOf: find)
            if bytes.first == UInt8(ascii: ",") {
                #expect(throws: LatencyTableError.self) {
                    try LatencyTable(csv: bytes.dropFirst(), file: "t.csv")
                }
            } else {
                #expect(refusals(bytes).allSatisfy { !$0.isEmpty })
            }
        }
    }
}
