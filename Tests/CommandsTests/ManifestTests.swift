import Foundation
import OrderedJSON
import Testing

/// The manifest that stands beside every variant.
@Suite struct ManifestTests {
    private func prune(_ name: String, into folder: URL, _ more: [String]) throws -> JSON {
        let variant = folder.appending(path: "v.h5")
        let result = try Prune.run(
            ["--model", Prune.model(name), "-o", variant.path, "--skip-timing"] + more)
        #expect(result.status == 0, "\(result.error)")
        return try JSON(
            parsing: Data(contentsOf: folder.appending(path: "v.h5.manifest.json")))
    }

    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test func saysWhatTheFilesAre() throws {
        try inFolder { folder in
            let profile = "pruning-profiles/phone-4g.yaml"
            let manifest = try prune(
                "fashion-vgg", into: folder, ["--profile", profile, "--criterion", "l1"])
            #expect(try Schema(of: "manifest").faults(manifest) == [])
            let files = [
                ("base", Prune.model("fashion-vgg"), "fashion-vgg.h5"),
                ("variant", folder.appending(path: "v.h5").path, "v.h5"),
            ]
            for (key, path, name) in files {
                let record = manifest[key]
                let shell = try Prune.shell("sha256sum \"$1\" | cut -c1-64", [path])
                #expect(record?["sha256"]?.string == shell.output.prefix(64).description)
                #expect(
                    record?["bytes"]?.integer == (try Data(contentsOf: URL(filePath: path))).count)
                #expect(record?["file"]?.string == name)
            }
            // Costs are those of the file itself, not what was expected of it.
            #expect(
                manifest["costs"]?["after"]?["file-bytes"]?.integer
                    == manifest["variant"]?["bytes"]?.integer)
            #expect(
                manifest["workload"]?["file-bytes"]?.integer
                    == manifest["variant"]?["bytes"]?.integer)
            // As Keras counts them.
            #expect(manifest["base"]?["parameters"] == 584_170)
            let digest = try Prune.shell("sha256sum \"$1\" | cut -c1-64", [profile])
            #expect(
                manifest["profile"]?["sha256"]?.string == digest.output.prefix(64).description)
            #expect(manifest["profile"]?["criterion"] == "l1")
            #expect(manifest["profile"]?["pruning"]?["criterion"] == "l1")
            let lines = try #require(manifest["profile"]?["budget"]?.array)
            #expect(lines.allSatisfy { $0["met"] == true && $0["after"]?.double != nil })
            #expect(manifest["proof"]?["holds"] == true)
            let text = manifest.text()
            #expect(!text.contains(folder.path) && !text.contains(Prune.root.path))
        }
    }

    @Test func sameInputsGiveTheSameBytes() throws {
        var texts: [Data] = []
        for _ in 0..<2 {
            try inFolder { folder in
                _ = try prune(
                    "fashion-mobilenet", into: folder,
                    ["--profile", "pruning-profiles/phone-4g.yaml"])
                texts.append(
                    try Data(contentsOf: folder.appending(path: "v.h5.manifest.json")))
            }
        }
        #expect(texts[0] == texts[1])
    }

    @Test func itsPlanCanBeCarriedOutAgain() throws {
        try inFolder { folder in
            _ = try prune(
                "fashion-resnet", into: folder, ["--profile", "pruning-profiles/phone-4g.yaml"])
            let again = folder.appending(path: "again.h5")
            let result = try Prune.run([
                "--profile", "pruning-profiles/phone-4g.yaml", "--model",
                Prune.model("fashion-resnet"), "-o", again.path, "--plan",
                folder.appending(path: "v.h5.manifest.json").path,
            ])
            #expect(result.status == 0, "\(result.error)")
            #expect(
                try Data(contentsOf: again)
                    == Data(contentsOf: folder.appending(path: "v.h5")))
        }
    }

    @Test func saysThatTheProofWasSkipped() throws {
        try inFolder { folder in
            let manifest = try prune(
                "fashion-vgg", into: folder, ["--budget", "mac-fraction=0.9", "--skip-proof"])
            #expect(manifest["proof"]?["run"] == false)
            #expect(manifest["proof"]?["reason"] == "skipped by request")
        }
    }

    @Test func anotherManifestIsNotReplacedUnasked() throws {
        try inFolder { folder in
            let file = folder.appending(path: "v.h5.manifest.json")
            try Data("precious".utf8).write(to: file)
            let arguments = [
                "--budget", "mac-fraction=0.9", "--model", Prune.model("fashion-vgg"), "-o",
                folder.appending(path: "v.h5").path,
            ]
            let result = try Prune.run(arguments)
            #expect(result.status == 73)
            #expect(result.error.contains("\(file.path): is there already; use --force"))
            #expect(try Data(contentsOf: file) == Data("precious".utf8))
            #expect(try Prune.names(in: folder) == ["v.h5.manifest.json"])
            #expect(try Prune.run(arguments + ["--force"]).status == 0)
            #expect(try Prune.names(in: folder) == ["v.h5", "v.h5.manifest.json"])
        }
    }

    @Test func aDryRunWritesNone() throws {
        try inFolder { folder in
            let result = try Prune.run([
                "--budget", "mac-fraction=0.9", "--model", Prune.model("fashion-vgg"), "-o",
                folder.appending(path: "v.h5").path, "--dry-run",
            ])
            #expect(result.status == 0)
            #expect(try Prune.names(in: folder).isEmpty)
        }
    }
}
