import Foundation
import OrderedJSON
import Testing

/// `prune --store` and `prune batch`, end to end, on the networks that the project ships.
@Suite struct PublishTests {
    private let folder: URL
    private var store: String { folder.appending(path: "store").path }

    init() throws { folder = try Prune.temporaryFolder() }

    private func cleanUp() { try? FileManager.default.removeItem(at: folder) }

    /// Writes a job of two models and two profiles, with more lines behind them.
    private func job(_ more: String = "", named name: String = "job.yaml") throws -> String {
        let models = ["fashion-vgg", "fashion-resnet"].map {
            "  - file: \(URL(filePath: Prune.model($0)).path)\n"
        }
        let text = """
            schema: 1
            models:
            \(models.joined())profiles: [a.yaml, b.yaml]
            timing: false
            \(more)
            """
        for (profile, share) in [("a", 0.7), ("b", 0.5)] {
            try "schema: 1\nname: \(profile)\nbudget:\n  mac-fraction: \(share)\n".write(
                to: folder.appending(path: "\(profile).yaml"), atomically: true, encoding: .utf8)
        }
        let file = folder.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    private func batch(
        _ job: String, _ arguments: String..., into store: String? = nil
    ) throws -> (report: JSON, status: Int32, error: String) {
        let result = try Prune.run(
            ["batch", job, "--store", store ?? self.store, "--format", "json"] + arguments)
        return (try JSON(parsing: result.output), result.status, result.error)
    }

    private func words(_ report: JSON) -> [String] {
        report["tasks"]?.array?.compactMap { $0["outcome"]?.string } ?? []
    }

    /// Digests by reference.
    private func digests(in store: String) throws -> [String: String] {
        let result = try Prune.run([
            "variants", "list", "--all", "--store", store, "--format", "json",
        ])
        let variants = try JSON(parsing: result.output)["variants"]?.array ?? []
        return Dictionary(
            uniqueKeysWithValues: variants.map {
                ($0["reference"]?.string ?? "", $0["digest"]?.string ?? "")
            })
    }

    @Test func pruningIntoAStoreMakesVersions() throws {
        defer { cleanUp() }
        func prune(_ share: Double) throws -> JSON? {
            let result = try Prune.run([
                "--model", Prune.model("fashion-vgg"), "--budget", "mac-fraction=\(share)",
                "--store", store, "--skip-timing", "--format", "json",
            ])
            #expect(result.status == 0, "\(result.error)")
            return try JSON(parsing: result.output)["variants"]?[0]
        }
        let first = try prune(0.7)
        #expect(first?["version"]?["reference"]?.string == "fashion-vgg/pruned:v1")
        #expect(first?["version"]?["new"]?.bool == true)
        #expect(first?["file"] == .null)
        let again = try prune(0.7)
        #expect(again?["version"]?["digest"] == first?["version"]?["digest"])
        #expect(again?["version"]?["new"]?.bool == false)
        #expect(try prune(0.5)?["version"]?["reference"]?.string == "fashion-vgg/pruned:v2")
        // An older version is what the inputs give again: it becomes the latest.
        #expect(try prune(0.7)?["version"]?["reference"]?.string == "fashion-vgg/pruned:v1")
        let verified = try Prune.run(["variants", "verify", "--store", store])
        #expect(verified.status == 0, "\(verified.error)")
    }

    @Test func aPublishedFileIsTheOneThatPruneWrites() throws {
        defer { cleanUp() }
        let (written, exported) = (
            folder.appending(path: "written.h5"), folder.appending(path: "exported.h5")
        )
        let arguments = [
            "--model", Prune.model("fashion-resnet"), "--budget", "mac-fraction=0.6",
            "--skip-timing",
        ]
        let published = try Prune.run(arguments + ["--store", store, "--name", "resnet"])
        #expect(published.status == 0, "\(published.error)")
        #expect(try Prune.run(arguments + ["--output", written.path]).status == 0)
        let export = try Prune.run([
            "variants", "export", "resnet/pruned", "--store", store, "--output", exported.path,
        ])
        #expect(export.status == 0, "\(export.error)")
        #expect(try Data(contentsOf: written) == Data(contentsOf: exported))
    }

    @Test func optionsAboutFilesDoNotGoWithAStore() throws {
        defer { cleanUp() }
        let arguments = ["--model", Prune.model("fashion-vgg"), "--budget", "mac-fraction=0.7"]
        let both = try Prune.run(arguments + ["--store", store, "--output", "x.h5"])
        #expect(both.status == 64)
        #expect(both.error.contains("--output names a file; it does not go with --store."))
        let none = try Prune.run(arguments + ["--tag", "nightly"])
        #expect(none.status == 64)
        #expect(none.error.contains("--tag says something about a store; give --store."))
        let name = try Prune.run(arguments + ["--store", store, "--name", "../x"])
        #expect(name.status == 64 || name.status == 65, "\(name.status)")
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "x").path))
    }

    @Test func aSecondRunOfAJobMakesNothing() throws {
        defer { cleanUp() }
        let job = try job("tags: [nightly]\n")
        let first = try batch(job)
        #expect(first.status == 0, "\(first.error)")
        #expect(words(first.report) == ["new", "new", "new", "new"])
        let index = folder.appending(path: "store/index.json")
        let before = try Data(contentsOf: index)
        let second = try batch(job)
        #expect(second.status == 0, "\(second.error)")
        #expect(words(second.report) == ["held", "held", "held", "held"])
        #expect(try Data(contentsOf: index) == before)
        #expect(try Prune.names(in: folder.appending(path: "store/.espalier/staging")).isEmpty)
        let planned = try batch(job, "--dry-run", into: folder.appending(path: "none").path)
        #expect(words(planned.report) == ["planned", "planned", "planned", "planned"])
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "none").path))
    }

    @Test func shardsAndThreadsMakeNoDifference() throws {
        defer { cleanUp() }
        let job = try job()
        #expect(try batch(job, "--threads", "1").status == 0)
        let parts = [1, 2, 3].map { folder.appending(path: "part\($0)").path }
        for (number, part) in parts.enumerated() {
            let result = try batch(
                job, "--shard", "\(number + 1)/3", "--threads", "2", into: part)
            #expect(result.status == 0, "\(result.error)")
        }
        let whole = folder.appending(path: "whole").path
        // In any order, and a source twice.
        let merge = try Prune.run(
            ["variants", "merge"] + [parts[2], parts[0], parts[1], parts[0]] + ["--store", whole])
        #expect(merge.status == 0, "\(merge.error)")
        let expected = try digests(in: store)
        #expect(expected.count == 4)
        #expect(try digests(in: whole) == expected)
        #expect(try Prune.run(["variants", "verify", "--store", whole]).status == 0)
    }

    @Test func aVariantThatIsWorseThanTheChampionFailsTheJob() throws {
        defer { cleanUp() }
        #expect(try batch(try job()).status == 0)
        let champion = try Prune.run([
            "variants", "tag", "fashion-vgg/b:v1", "champion", "--store", store,
        ])
        #expect(champion.status == 0, "\(champion.error)")
        let changed = try job("gates: {max-file-growth: 0.01}\n")
        try "schema: 1\nname: b\nbudget:\n  mac-fraction: 0.9\n".write(
            to: folder.appending(path: "b.yaml"), atomically: true, encoding: .utf8)
        let result = try batch(changed)
        #expect(result.status == 1)
        #expect(words(result.report) == ["held", "refused", "held", "new"])
        #expect(result.error.contains("fashion-vgg/b"))
        #expect(result.error.contains("champion v1"))
        // What was refused is not in the store; what stood there still does.
        #expect(try digests(in: store).keys.filter { $0.hasPrefix("fashion-vgg/b") }.count == 1)
    }

    @Test func aModelThatCannotBeReadLeavesTheOthersWhole() throws {
        defer { cleanUp() }
        let job = try job()
        let broken = folder.appending(path: "fashion-resnet.h5")
        try Data("no model".utf8).write(to: broken)
        let text = try String(contentsOfFile: job, encoding: .utf8).replacing(
            URL(filePath: Prune.model("fashion-resnet")).path, with: broken.path)
        try text.write(toFile: job, atomically: true, encoding: .utf8)
        let result = try batch(job)
        #expect(result.status == 65)
        #expect(words(result.report) == ["new", "new", "failed", "failed"])
        #expect(try digests(in: store).count == 2)
    }
}
