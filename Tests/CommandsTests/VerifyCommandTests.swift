import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

/// `prune verify` on variants as they were made, and on files that somebody changed.
@Suite struct VerifyCommandTests {
    /// A variant of a shipped network with its base and its manifest.
    private struct Made {
        let folder: URL
        var variant: URL { folder.appending(path: "small.h5") }
        var manifest: URL { folder.appending(path: "small.h5.manifest.json") }
        var base: URL { folder.appending(path: "base.h5") }

        init(_ name: String = "fashion-vgg", _ more: [String] = []) throws {
            folder = try Prune.temporaryFolder()
            try FileManager.default.copyItem(
                at: URL(filePath: Prune.model(name)), to: folder.appending(path: "base.h5"))
            let result = try Prune.run(
                [
                    "--budget", "mac-fraction=0.6", "--granularity", "channel", "--model",
                    folder.appending(path: "base.h5").path, "-o",
                    folder.appending(path: "small.h5").path, "--skip-timing",
                ] + more)
            #expect(result.status == 0, "\(result.error)")
        }

        func remove() { try? FileManager.default.removeItem(at: folder) }

        func verify(_ more: [String] = []) throws -> Prune.Result {
            try Prune.run(["verify", "--model", variant.path] + more)
        }
    }

    private func flipByte(of file: URL, at share: Double) throws {
        var bytes = try Data(contentsOf: file)
        bytes[Int(Double(bytes.count) * share)] ^= 0x10
        try bytes.write(to: file)
    }

    @Test(arguments: ["fashion-resnet", "fashion-vgg", "fashion-mobilenet"])
    func holdsForWhatWasMade(name: String) throws {
        let made = try Made(name)
        defer { made.remove() }
        let result = try made.verify(["--format", "json", "--seed", "77", "--proof-inputs", "3"])
        #expect(result.status == 0, "\(result.error)")
        let report = try JSON(parsing: result.output)
        #expect(try Schema(of: "verify").faults(report) == [])
        #expect(
            report["checks"]?.array?.map { $0["check"]?.string }
                == ["variant-file", "base-file", "plan", "graph", "costs", "proof"])
        #expect(report["checks"]?.array?.allSatisfy { $0["holds"] == true } == true)
        #expect(report["proof"]?["seed"] == 77)
        #expect(report["proof"]?["inputs"] == 3)
        #expect(report["recorded-proof"]?["seed"] == 1)
        #expect(report["recorded-proof"]?["inputs"] == 4)
    }

    @Test func aVariantOfWeightsAloneTakesItsTopologyFromThePlan() throws {
        let made = try Made("fashion-resnet", ["--as", "weights-h5"])
        defer { made.remove() }
        let result = try made.verify()
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("✓ the variant is the network that the plan gives"))
    }

    @Test func everyChangedByteOfTheVariantIsNoticed() throws {
        let made = try Made()
        defer { made.remove() }
        let whole = try Data(contentsOf: made.variant)
        for share in [0.0, 0.1, 0.5, 0.9, 0.9999] {
            try flipByte(of: made.variant, at: share)
            let result = try made.verify()
            #expect(result.status == 1, "\(share): \(result.error)")
            #expect(
                result.error.contains("the variant is not the file of the manifest: sha256"),
                "\(share)")
            try whole.write(to: made.variant)
        }
        #expect(try made.verify().status == 0)
    }

    @Test func aChangedWeightFailsTheProofToo() throws {
        let made = try Made("fashion-vgg", ["--compression", "none"])
        defer { made.remove() }
        var bytes = try Data(contentsOf: made.variant)
        // The last kernel as it lies in the file; one of its weights becomes 10.
        let graph = try KerasModel.read(path: made.variant.path).graph
        let kernel = try #require(graph.layers.flatMap(\.weights).last { $0.role == "kernel" })
        let start = kernel.floats().prefix(8).reduce(into: Data()) { data, value in
            withUnsafeBytes(of: value) { data.append(contentsOf: $0) }
        }
        let place = try #require(bytes.range(of: start)).lowerBound
        bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0x20, 0x41])
        try bytes.write(to: made.variant)
        let result = try made.verify()
        #expect(result.status == 1)
        #expect(result.error.contains("the variant is not the file of the manifest"))
        #expect(result.error.contains("the shrunk network differs from the masked one by"))
        #expect(result.error.contains("where 1.0e-04 is allowed"))
    }

    @Test func aChangedBaseIsNoticed() throws {
        let made = try Made()
        defer { made.remove() }
        try flipByte(of: made.base, at: 0.5)
        let result = try made.verify()
        #expect(result.status == 1)
        #expect(result.error.contains("the base is not the file of the manifest: sha256"))
    }

    @Test func anotherBaseIsNoticed() throws {
        let made = try Made()
        defer { made.remove() }
        let result = try made.verify(["--base", Prune.model("fashion-resnet")])
        #expect(result.status == 1)
        #expect(result.error.contains("the base is not the file of the manifest"))
        #expect(result.error.contains("the plan was made for 'fashion-vgg'"))
    }

    @Test func swappedManifestsAreNoticed() throws {
        let (a, b) = (try Made(), try Made("fashion-vgg", ["--criterion", "l1"]))
        defer {
            a.remove()
            b.remove()
        }
        let result = try a.verify(["--manifest", b.manifest.path])
        #expect(result.status == 1)
        #expect(result.error.contains("the variant is not the file of the manifest"))
    }

    @Test func aManifestThatLiesAboutCostsIsNoticed() throws {
        let made = try Made()
        defer { made.remove() }
        let text = try String(contentsOf: made.manifest, encoding: .utf8)
        let parameters = try #require(JSON(parsing: text)["variant"]?["parameters"]?.integer)
        try text.replacingOccurrences(of: "\(parameters)", with: "\(parameters - 1)")
            .write(to: made.manifest, atomically: false, encoding: .utf8)
        let result = try made.verify()
        #expect(result.status == 1)
        #expect(
            result.error.contains(
                "the variant has \(parameters) parameters, the manifest says \(parameters - 1)"))
    }

    @Test func manifestsThatCannotBeRead() throws {
        let made = try Made()
        defer { made.remove() }
        let text = try String(contentsOf: made.manifest, encoding: .utf8)
        let newer = text.replacingOccurrences(
            of: "\"kind\" : \"espalier-variant\"",
            with: "\"kind\" : \"espalier-variant\",\n  \"schema\" : 2, \"was\": [{")
        let cases: [(content: String, words: String)] = [
            ("{\"kind\": \"espalier-variant\", \"schema\": 2}", "made by a later Espalier"),
            ("{\"kind\": \"espalier-variant\", \"schema\": 0}", "which is not read any more"),
            ("{}", "this is not a variant's manifest"),
            (String(text.prefix(text.count / 2)), "the manifest is damaged"),
            (newer, "the manifest is damaged"),
        ]
        for (content, words) in cases {
            try content.write(to: made.manifest, atomically: false, encoding: .utf8)
            let result = try made.verify()
            #expect(result.status == 65, "\(words): \(result.error)")
            #expect(result.error.contains(words), "\(result.error)")
            #expect(result.output.isEmpty)
        }
        try FileManager.default.removeItem(at: made.manifest)
        let result = try made.verify()
        #expect(result.status == 66)
        #expect(result.error == "error: \(made.manifest.path): there is no such file\n")
    }

    @Test func filesThatAreNotThere() throws {
        let made = try Made()
        defer { made.remove() }
        try FileManager.default.removeItem(at: made.base)
        let result = try made.verify()
        #expect(result.status == 66)
        #expect(
            result.error.contains(
                "its base 'base.h5' lies neither beside it nor beside its manifest; say where by --base"
            ))
        let nowhere = try made.verify(["--base", "/nowhere/base.h5"])
        #expect(nowhere.status == 66)
        #expect(nowhere.error == "error: /nowhere/base.h5: there is no such file\n")
    }

    @Test func aNameThatLeadsElsewhereIsNotFollowed() throws {
        let made = try Made()
        defer { made.remove() }
        let text = try String(contentsOf: made.manifest, encoding: .utf8)
        try text.replacingOccurrences(
            of: "\"base.h5\"", with: "\"../\(made.folder.lastPathComponent)/base.h5\""
        )
        .write(to: made.manifest, atomically: false, encoding: .utf8)
        #expect(try made.verify().status == 66)
        #expect(try made.verify(["--base", made.base.path]).status == 0)
    }
}
