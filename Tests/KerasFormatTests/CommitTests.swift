import Foundation
import Testing

@testable import KerasFormat

/// Several files get their names together, or none does.
@Suite struct CommitTests {
    private func content(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    @Test(arguments: [false, true]) func allGetTheirNames(overwrite: Bool) throws {
        let directory = try TemporaryDirectory()
        let paths = ["a", "b", "c"].map { directory.path($0) }
        if overwrite { try "old".write(toFile: paths[1], atomically: false, encoding: .utf8) }
        let files = try paths.map {
            try PendingFile.stage("new \($0)".utf8, for: $0, overwrite: overwrite)
        }
        try PendingFile.commit(together: files)
        for path in paths { #expect(content(path) == "new \(path)") }
        #expect(try directory.names.sorted() == ["a", "b", "c"])
    }

    /// The k-th file of three cannot get its name: what stood there before stands there again.
    @Test(arguments: 0..<3, [false, true]) func oneThatFailsUndoesTheOthers(
        failing: Int, overwrite: Bool
    ) throws {
        let directory = try TemporaryDirectory()
        let paths = ["a", "b", "c"].map { directory.path($0) }
        if overwrite {
            for path in paths where path != paths[failing] {
                try "old".write(toFile: path, atomically: false, encoding: .utf8)
            }
        }
        do {
            let files = try paths.map {
                try PendingFile.stage("new".utf8, for: $0, overwrite: overwrite)
            }
            // Meanwhile somebody makes a directory of that name.
            try FileManager.default.createDirectory(
                atPath: paths[failing], withIntermediateDirectories: false)
            do throws(KerasError) {
                try PendingFile.commit(together: files)
                Issue.record("all got their names")
            } catch { #expect(error.file == paths[failing]) }
        }
        for path in paths where path != paths[failing] {
            #expect(content(path) == (overwrite ? "old" : nil))
        }
        let left = overwrite ? ["a", "b", "c"] : [["a", "b", "c"][failing]]
        #expect(try directory.names.sorted() == left)
    }

    /// A program that is interrupted before its files have their names has none of them.
    @Test func anInterruptionLeavesNone() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let files = try ["a", "b"].map {
                try PendingFile.stage("new".utf8, for: directory.path($0), overwrite: false)
            }
            PendingFile.removeAll()
            do throws(KerasError) {
                try PendingFile.commit(together: files)
                exit(2)
            } catch {}
            exit(try directory.names.isEmpty ? 0 : 3)
        }
    }
}
