import Foundation
import Testing

/// Each mistake gets one clear sentence, the documented status, and leaves nothing behind.
@Suite struct BadInputTests {
    private static let profile = "pruning-profiles/phone-4g.yaml"

    private func expect(
        _ arguments: [String], status: Int32, saying text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = try Prune.run(arguments + ["-o", folder.appending(path: "out.h5").path])
        #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
        #expect(result.error.contains(text), "\(result.error)", sourceLocation: sourceLocation)
        #expect(result.output.isEmpty || status == 1, sourceLocation: sourceLocation)
        #expect(try Prune.names(in: folder).isEmpty, sourceLocation: sourceLocation)
    }

    private func withFile(_ name: String, _ content: Data, _ body: (String) throws -> Void) throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: name)
        try content.write(to: file)
        try body(file.path)
    }

    @Test func nothingToPruneFor() throws {
        try expect(
            ["--model", Prune.model("fashion-vgg")], status: 64,
            saying:
                "Nothing to prune for: give --profile, --budget (as mac-fraction=0.5) or --plan.")
    }

    @Test func modelThatIsNotThere() throws {
        try expect(
            ["--profile", Self.profile, "--model", "nowhere.h5"], status: 66, saying: "nowhere.h5")
    }

    @Test func profileThatIsNotThere() throws {
        try expect(
            ["--profile", "nowhere.yaml", "--model", Prune.model("fashion-vgg")], status: 66,
            saying: "nowhere.yaml")
    }

    @Test func profileWithAnUnknownKey() throws {
        let text = "schema: 1\nname: p\nbudget:\n  file-kb: 3\n"
        try withFile("p.yaml", Data(text.utf8)) { path in
            try expect(
                ["--profile", path, "--model", Prune.model("fashion-vgg")], status: 65,
                saying: "\(path):4")
        }
    }

    @Test func budgetLineThatIsNotKnown() throws {
        try expect(
            ["--budget", "speed=2", "--model", Prune.model("fashion-vgg")], status: 64,
            saying: "--budget speed=2: must be line=limit with a line of inference-ms")
        try expect(
            ["--budget", "mac-fraction=1.5", "--model", Prune.model("fashion-vgg")], status: 64,
            saying: "--budget mac-fraction=1.5: the limit must be a share above 0 and up to 1")
    }

    @Test(arguments: ["-1", "0", "1001"]) func proofOnNoInputs(count: String) throws {
        try expect(
            [
                "--budget", "mac-fraction=0.5", "--model", Prune.model("fashion-vgg"),
                "--proof-inputs=\(count)",
            ], status: 64, saying: "--proof-inputs \(count): must be from 1 to 1000.")
    }

    @Test func fileThatIsNoModel() throws {
        try withFile("m.h5", Data("not a network".utf8)) { path in
            try expect(["--profile", Self.profile, "--model", path], status: 65, saying: path)
        }
    }

    @Test func modelCutShort() throws {
        let whole = try Data(contentsOf: URL(filePath: Prune.model("fashion-vgg")))
        try withFile("m.h5", whole.prefix(whole.count / 2)) { path in
            try expect(["--profile", Self.profile, "--model", path], status: 65, saying: path)
        }
    }

    @Test func budgetThatCannotBeMet() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = try Prune.run([
            "--budget", "file-kib=4", "--model", Prune.model("fashion-vgg"), "-o",
            folder.appending(path: "out.h5").path,
        ])
        #expect(result.status == 1)
        #expect(result.error.contains("budget.file-kib cannot be met: the nearest plan has"))
        #expect(result.output.contains("does not fit"))
        #expect(try Prune.names(in: folder).isEmpty)
    }

    @Test func outputThatIsThere() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "out.h5")
        try Data("precious".utf8).write(to: file)
        let result = try Prune.run([
            "--profile", Self.profile, "--model", Prune.model("fashion-vgg"), "-o", file.path,
        ])
        #expect(result.status == 73)
        #expect(result.error.contains("is there already; use --force to replace it"))
        #expect(try Data(contentsOf: file) == Data("precious".utf8))
    }

    @Test func outputWhereNothingCanBeWritten() throws {
        let result = try Prune.run([
            "--profile", Self.profile, "--model", Prune.model("fashion-vgg"), "-o",
            "/nowhere/at/all/out.h5",
        ])
        #expect(result.status == 73)
        #expect(result.error.contains("/nowhere/at/all"))
    }

    @Test func fullDisk() throws {
        // The size that a file may have stands in for a disk that is full.
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        for blocks in [2, 64, 200] {
            let result = try Prune.shell(
                "ulimit -f \(blocks); exec \"$0\" \"$@\"",
                [
                    "--budget", "mac-fraction=0.9", "--compression", "none", "--model",
                    Prune.model("fashion-vgg"), "-o", folder.appending(path: "out.h5").path,
                ])
            #expect(result.status == 74 || result.status == 73, "\(blocks): \(result.error)")
            #expect(try Prune.names(in: folder).isEmpty, "\(blocks)")
        }
    }

    @Test func interruptLeavesNothing() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        for milliseconds in [5, 20, 60, 150, 300] {
            let result = try Prune.shell(
                "\"$0\" \"$@\" & p=$!; sleep 0.\(String(1000 + milliseconds).dropFirst()); "
                    + "kill -TERM $p 2> /dev/null; wait $p",
                [
                    "--profile", Self.profile, "--model", Prune.model("fashion-vgg"), "-o",
                    folder.appending(path: "out.h5").path, "--force",
                ])
            // Before the handler is in place the signal ends the process itself (128 + 15).
            #expect([0, 130, 143].contains(result.status), "\(result.error)")
            let names = try Prune.names(in: folder)
            #expect(
                names.isEmpty || names == ["out.h5", "out.h5.manifest.json"], "\(milliseconds)")
        }
    }
}
