import Foundation
import OrderedJSON
import Testing
import VariantStore

/// `prune variants verify`, `gc` and `merge`.
@Suite struct VariantsMaintenanceTests {
    private let line = SampleStore.line

    private func json(
        _ result: Prune.Result, of schema: String, status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSON {
        #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
        let value = try JSON(parsing: result.output)
        let faults = try Schema(of: schema).faults(value)
        #expect(faults == [], sourceLocation: sourceLocation)
        return value
    }

    /// Changes a byte of the file of a variant, where it lies.
    private func damage(_ version: VariantVersion, in sample: SampleStore) throws {
        let weights = try sample.store.openWeights(of: version, lease: false)
        let handle = try FileHandle(forUpdating: URL(filePath: weights.path))
        defer { try? handle.close() }
        try handle.seek(toOffset: 1000)
        let byte = try #require(try handle.read(upToCount: 1)?.first)
        try handle.seek(toOffset: 1000)
        try handle.write(contentsOf: Data([byte ^ 1]))
    }

    @Test func wholeStoresVerify() throws {
        let sample = try SampleStore()
        let result = try sample.run("verify")
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.hasPrefix("2 variants; 1 base; "))
        #expect(result.output.hasSuffix("All of it holds.\n"))
        let value = try json(
            sample.run("verify", "\(line):v1", "--format", "json"), of: "variants-verify")
        #expect(value["holds"] == true)
        #expect(value["variants"] == 1)
        #expect(value["signed"] == .null)
    }

    @Test func damageIsFound() throws {
        let sample = try SampleStore()
        let version = try sample.store.variant(line)
        try damage(version, in: sample)
        let result = try sample.run("verify")
        #expect(result.status == 1)
        #expect(
            result.error.hasPrefix("error: \(line):v2: sha256:"), "\(result.error)")
        #expect(result.error.contains(" is damaged: its digest is sha256:"))
        #expect(result.output.hasSuffix("Does not hold.\n"))
        let value = try json(
            sample.run("verify", line, "--format", "json"), of: "variants-verify", status: 1)
        #expect(value["findings"]?.array?.map { $0["fault"] } == ["damaged-blob"])
        #expect(try sample.run("verify", "\(line):v1").status == 0)
    }

    @Test func missingBlobsAreFound() throws {
        let sample = try SampleStore()
        let version = try sample.store.variant("\(line):v1")
        let weights = try sample.store.openWeights(of: version, lease: false)
        try FileManager.default.removeItem(atPath: weights.path)
        let result = try sample.run("verify")
        #expect(result.status == 1)
        #expect(
            result.error
                == "error: \(line):v1: the store lacks \(weights.digest.text)\n")
        #expect(try sample.run("export", "\(line):v1").status == 65)
    }

    @Test func signaturesAreInsistedOn() throws {
        let sample = try SampleStore()
        func path(_ name: String) -> String { sample.folder.appending(path: name).path }
        for name in ["mine", "other"] {
            #expect(try Prune.run(["variants", "keygen", "--output", path(name)]).status == 0)
        }
        let mine = ["--key", path("mine.pub.pem")]
        func verify(_ arguments: [String]) throws -> Prune.Result {
            try Prune.run(["variants", "verify", line, "--store", sample.path] + arguments)
        }
        let aimless = try verify(["--require-signature"])
        #expect(aimless.status == 64)
        #expect(
            aimless.error == "error: --require-signature: whose? Give public keys by --key\n")
        #expect(try verify(mine).status == 0)
        let unsigned = try verify(mine + ["--require-signature"])
        #expect(unsigned.status == 1)
        #expect(unsigned.error == "error: \(line):v2: not signed\n")
        #expect(try sample.run("sign", line, "--key", path("other.pem")).status == 0)
        let id = try VerificationKey(readingFrom: path("other.pub.pem")).id
        let unknown = try verify(mine + ["--require-signature"])
        #expect(
            unknown.error
                == "error: \(line):v2: signed by none of the keys that were given, but by \(id)\n")
        #expect(try sample.run("sign", line, "--key", path("mine.pem")).status == 0)
        let signed = try verify(mine + ["--require-signature"])
        #expect(signed.status == 0, "\(signed.error)")
        #expect(
            signed.output.hasPrefix("1 variant, 1 of them signed by a key that counts; "))
    }

    /// A signature that belongs to another variant counts for nothing, whoever made it.
    @Test func signaturesDoNotMove() throws {
        let sample = try SampleStore()
        let path = sample.folder.appending(path: "key").path
        #expect(try Prune.run(["variants", "keygen", "--output", path]).status == 0)
        #expect(try sample.run("sign", "\(line):v1", "--key", path + ".pem").status == 0)
        let (one, other) = (
            try sample.store.variant("\(line):v1").digest, try sample.store.variant(line).digest
        )
        let envelope = try #require(try sample.store.signatures(of: one).first).envelope
        try sample.store.attach(ReferringArtifact(envelope: envelope), to: other)
        let result = try sample.run("verify", line, "--key", path + ".pub.pem")
        #expect(result.status == 1)
        #expect(result.error == "error: \(line):v2: the signature is over another manifest\n")
    }

    @Test func garbageGoes() throws {
        let sample = try SampleStore()
        let nothing = try json(
            sample.run("gc", "--dry-run", "--format", "json"), of: "variants-gc")
        #expect(nothing["blobs"] == [])
        let dry = try json(
            sample.run("gc", "--keep", "1", "--dry-run", "--format", "json"), of: "variants-gc")
        #expect(dry["dry-run"] == true)
        #expect(dry["versions"] == [.string("\(line):v1")])
        #expect(try sample.store.snapshot().all.count == 2)
        let removed = try sample.run("gc", "--keep", "1")
        #expect(removed.output.hasPrefix("Removed \(line):v1.\n"), "\(removed.output)")
        #expect(try sample.store.snapshot().all.map(\.number) == [2])
        #expect(try sample.run("gc", "--keep", "1").output == "No blob to remove.\n")
        #expect(try sample.run("verify").status == 0)
        let none = try sample.run("gc", "--keep", "0")
        #expect((none.status, none.error) == (64, "error: --keep 0: must be at least 1\n"))
    }

    @Test func taggedVariantsStay() throws {
        let sample = try SampleStore()
        #expect(try sample.run("tag", "\(line):v1", "champion").status == 0)
        #expect(try sample.run("gc", "--keep", "1").output == "No blob to remove.\n")
        #expect(try sample.store.snapshot().all.count == 2)
    }

    @Test func storesMerge() throws {
        let (one, other) = (try SampleStore(), try SampleStore())
        #expect(try other.run("remove", "\(line):v1").status == 0)
        #expect(try other.run("tag", line, "champion").status == 0)
        #expect(try one.run("tag", "\(line):v1", "champion").status == 0)
        let target = one.folder.appending(path: "all").path
        func merge(_ arguments: String...) throws -> Prune.Result {
            try Prune.run(
                ["variants", "merge", "--store", target, one.path, other.path] + arguments)
        }
        let first = try merge()
        #expect(first.status == 0, "\(first.error)")
        #expect(first.output.contains("\(one.path): 2 variants new, 0 there already.\n"))
        #expect(first.output.contains("\(other.path): 0 variants new, 1 there already.\n"))
        #expect(
            first.output.contains(
                "  \(line):champion names something else here and stays; --overwrite-tags moves it\n"
            ))
        let store = try StoreDirectory(opening: target)
        #expect(try store.variant("\(line):champion").number == 1)
        #expect(try merge("--overwrite-tags").output.contains("  \(line):champion set\n"))
        #expect(try store.variant("\(line):champion").number == 2)
        #expect(try Prune.run(["variants", "verify", "--store", target]).status == 0)
        // A mistake in one source is told before anything changes.
        let target2 = one.folder.appending(path: "none").path
        let missing = try Prune.run(
            ["variants", "merge", "--store", target2, one.path, "/nowhere"])
        #expect(
            (missing.status, missing.error) == (66, "error: /nowhere: there is no such store\n"))
        #expect(!FileManager.default.fileExists(atPath: target2))
    }
}
