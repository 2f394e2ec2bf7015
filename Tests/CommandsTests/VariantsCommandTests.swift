import Foundation
import OrderedJSON
import Testing
import VariantStore

/// `prune variants` on a store of two versions, as a user runs it.
@Suite struct VariantsCommandTests {
    private let line = SampleStore.line

    private func expect(
        _ result: Prune.Result, status: Int32, saying text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
        #expect(
            result.error.trimmingCharacters(in: .newlines) == "error: " + text,
            sourceLocation: sourceLocation)
        #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    }

    private func json(
        _ result: Prune.Result, of schema: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSON {
        #expect(result.status == 0, "\(result.error)", sourceLocation: sourceLocation)
        let value = try JSON(parsing: result.output)
        #expect(try Schema(of: schema).faults(value) == [], sourceLocation: sourceLocation)
        return value
    }

    @Test func listShowsTheNewest() throws {
        let sample = try SampleStore()
        let heads = try json(sample.run("list", "--format", "json"), of: "variants-list")
        let variants = try #require(heads["variants"]?.array)
        #expect(variants.map { $0["reference"] } == [.string("\(line):v2")])
        #expect(variants.first?["tags"] == ["latest"])
        let all = try json(sample.run("list", "--all", "--format", "json"), of: "variants-list")
        #expect(
            all["variants"]?.array?.map { $0["version"] } == [.integer(2), .integer(1)])
        let text = try sample.run("list", "--all").output.split(separator: "\n")
        #expect(text.count == 3)
        #expect(text.first?.hasPrefix("variant ") == true)
        #expect(text.last?.hasPrefix("\(line):v1 ") == true)
    }

    @Test func listIsFiltered() throws {
        let sample = try SampleStore()
        try sample.publish(0, as: "fashion-mobilenet/phone-3g+fast")
        try sample.store.tag(try sample.store.variant("\(line):v1"), as: "champion")
        func names(_ arguments: String...) throws -> [String] {
            let result = try Prune.run(
                ["variants", "list", "--store", sample.path, "--format", "json"] + arguments)
            let value = try json(result, of: "variants-list")
            return value["variants"]?.array?.compactMap { $0["reference"]?.string } ?? []
        }
        let (fast, newest) = ("fashion-mobilenet/phone-3g+fast:v1", "\(line):v2")
        #expect(try names() == [fast, newest])
        #expect(try names("*/phone-4?") == [newest])
        #expect(try names(line, "*/phone-3g*") == [fast, newest])
        #expect(try names("--profile", "phone-3g") == [fast])
        #expect(try names("--profile", "phone-3g+fast") == [fast])
        #expect(try names("--model", "fashion-*") == [fast, newest])
        #expect(try names("--model", "other") == [])
        #expect(try names("--tag", "champion") == ["\(line):v1"])
        let none = try sample.run("list", "--tag", "nothing")
        #expect((none.status, none.output) == (0, ""))
        #expect(none.error == "No variant fits.\n")
    }

    @Test func showTellsAll() throws {
        let sample = try SampleStore()
        let value = try json(sample.run("show", line, "--format", "json"), of: "variants-show")
        #expect(value["reference"]?.string == "\(line):v2")
        #expect(value["base"]?["file"] == "fashion-mobilenet.h5")
        #expect(value["base"]?["parameters"] == 139_146)
        #expect(value["proof"]?["holds"] == true)
        #expect(value["measurements"]?[0]?["variant"]?["median-ms"]?.double == 1.25)
        #expect(value["signatures"] == [])
        #expect(value["inputs"] == "inputs-1")
        let text = try sample.run("show", line).output
        for part in [
            "\(line):v2  (latest)\nsha256:",
            "fashion-mobilenet.h5, 665 KiB, fashion-mobilenet:base-",
            "inference, measured  2.00 ms  1.25 ms  −38 %", "Proof: shrunk equals masked",
            "Measured on Example CPU, 2 cores, 8.00 GiB, Linux 6.1: 100 runs, 1 thread, batch 1.",
            "Not signed.",
        ] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test func everyWayToNameAVariant() throws {
        let sample = try SampleStore()
        let version = try sample.store.variant("\(line):v1")
        try sample.store.tag(version, as: "champion")
        for text in [
            "\(line):v1", "\(line):champion", version.digest.text,
            String(version.digest.hexadecimal.prefix(12)),
        ] {
            let value = try json(sample.run("show", text, "--format", "json"), of: "variants-show")
            #expect(value["version"] == 1, "\(text)")
        }
    }

    @Test func namesThatAreNotThere() throws {
        let sample = try SampleStore()
        expect(
            try sample.run("show", "fashion-mobilent/phone-4g"), status: 66,
            saying:
                "fashion-mobilent/phone-4g:latest: the store has no such variant; it has \(line)")
        expect(
            try sample.run("list", "fashion-mobilent/phone-4g"), status: 66,
            saying:
                "fashion-mobilent/phone-4g:latest: the store has no such variant; it has \(line)")
        expect(
            try sample.run("show", "\(line):v9"), status: 66,
            saying: "\(line):v9: no such version; there are v1 to v2")
        expect(
            try sample.run("show", "\(line):best"), status: 66,
            saying: "\(line):best: no such tag; there is latest")
        expect(
            try sample.run("show", "../../etc/passwd"), status: 64,
            saying:
                "../../etc/passwd: no name that a store knows: model/profile, model/profile:v3, "
                + "model/profile:tag, model:base-0123456789ab or sha256:0123456 are, of lower-case letters and "
                + "digits joined by '.', '_', '+' or '-'")
    }

    @Test func storesThatAreNone() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        expect(
            try Prune.run(["variants", "list", "--store", folder.path + "/none"]), status: 66,
            saying: "\(folder.path)/none: there is no such store")
        let none = try Prune.shell("env -u ESPALIER_STORE \"$0\" variants list", [])
        expect(
            none, status: 64,
            saying: "which store? Give it by --store, or in the variable ESPALIER_STORE")
        let sample = try SampleStore()
        let named = try Prune.shell("ESPALIER_STORE=$1 \"$0\" variants list", [sample.path])
        #expect(named.status == 0)
        #expect(named.output.contains("\(line):v2"))
    }

    @Test func tagsMove() throws {
        let sample = try SampleStore()
        func tag(_ reference: String) throws -> String {
            let result = try sample.run("tag", reference, "champion")
            #expect(result.status == 0, "\(result.error)")
            return result.output
        }
        #expect(try tag("\(line):v1") == "\(line):champion is \(line):v1.\n")
        #expect(try tag(line) == "\(line):champion is \(line):v2, in place of v1.\n")
        #expect(try tag(line) == "\(line):champion is \(line):v2 already.\n")
        #expect(
            try sample.run("untag", line, "champion").output == "\(line):champion is gone.\n")
        expect(
            try sample.run("untag", line, "champion"), status: 66,
            saying: "\(line):champion: no such tag; there is latest")
        #expect(try sample.run("tag", line, "v7").status == 64)
        #expect(try sample.run("untag", line, "latest").status == 64)
    }

    @Test func removingKeepsWhatIsTagged() throws {
        let sample = try SampleStore()
        try sample.store.tag(try sample.store.variant("\(line):v1"), as: "champion")
        expect(
            try sample.run("remove", "\(line):v2", "\(line):v1"), status: 1,
            saying:
                "\(line):v1: not removed, as it is tagged champion; move the tag, or remove it with --force"
        )
        #expect(try sample.store.snapshot().all.count == 2)
        expect(
            try sample.run("remove", line), status: 64,
            saying: "\(line): which version? Name it, as \(line):v1 or \(line):latest")
        #expect(
            try sample.run("remove", "\(line):v1", "--force", "--dry-run").output
                == "Would remove \(line):v1.\n")
        #expect(try sample.store.snapshot().all.count == 2)
        #expect(try sample.run("remove", "\(line):v2").output == "Removed \(line):v2.\n")
        #expect(try sample.store.variant(line).number == 1)
        // A number is never used again.
        try sample.publish(1)
        #expect(try sample.store.variant(line).number == 3)
    }

    @Test func exportedFilesVerify() throws {
        let sample = try SampleStore()
        let file = sample.folder.appending(path: "served.h5").path
        let result = try sample.run("export", line, "--output", file)
        #expect(result.output.hasPrefix("Wrote \(file), "), "\(result.error)")
        let verified = try Prune.run([
            "verify", "--model", file, "--base", Prune.model("fashion-mobilenet"),
        ])
        #expect(verified.status == 0, "\(verified.error)")
        let again = try sample.run("export", line, "--output", file)
        #expect(again.status == 73)
        #expect(try sample.run("export", line, "--output", file, "--force").status == 0)
        // A base has no manifest; it comes under its name in the store.
        let base = try #require(try sample.store.snapshot().bases.first).text
        let folder = sample.folder.appending(path: "out")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(try sample.run("export", base, "--output", folder.path).status == 0)
        #expect(try Prune.names(in: folder) == ["fashion-mobilenet.h5"])
        #expect(
            try FileDigest(ofFile: folder.path + "/fashion-mobilenet.h5")
                == FileDigest(ofFile: Prune.model("fashion-mobilenet")))
    }

    /// What is damaged is never written, not even in part.
    @Test func damagedFilesAreNotExported() throws {
        let sample = try SampleStore()
        let weights = try sample.store.openWeights(
            of: sample.store.variant(line), lease: false)
        let handle = try FileHandle(forUpdating: URL(filePath: weights.path))
        try handle.seek(toOffset: 1000)
        try handle.write(contentsOf: Data([1, 2, 3, 4]))
        try handle.close()
        let out = sample.folder.appending(path: "out")
        try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
        let result = try sample.run("export", line, "--output", out.path)
        #expect(result.status == 65)
        #expect(result.error.contains("the content is damaged: its digest is sha256:"))
        #expect(try Prune.names(in: out).isEmpty)
    }
}

extension StoreDirectory {
    /// The version that a text names.
    func variant(_ text: String) throws -> VariantVersion {
        try snapshot().resolve(try VariantReference(parsing: text))
    }
}
