import Contexts
import Foundation
import OrderedJSON
import Testing
import VariantStore

@testable import Commands

/// What was written in each version of each stored form is still read, and other versions are told.
///
/// The samples in `docs/samples/` are never changed; a new version gets one more. `docs/compatibility.md` has
/// what is said here.
@Suite struct CompatibilityTests {
    private static func sample(_ name: String) -> String {
        Prune.root.appending(path: "docs/samples/\(name)").path
    }

    /// Runs a body on a copy of a sample in which one text stands for another.
    private func altered(
        _ name: String, _ text: String, _ replacement: String, _ body: (String) throws -> Void
    ) throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let original = try String(contentsOfFile: Self.sample(name), encoding: .utf8)
        #expect(original.contains(text))
        let file = folder.appending(path: name)
        try original.replacingOccurrences(of: text, with: replacement).write(
            to: file, atomically: false, encoding: .utf8)
        try body(file.path)
    }

    private func expect(
        _ arguments: [String], _ status: Int32, _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try Prune.run(arguments)
        #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
        guard !text.isEmpty else { return }
        #expect(result.error.contains(text), "\(result.error)", sourceLocation: sourceLocation)
    }

    private static let mobilenet = ["--model", Prune.model("fashion-mobilenet")]

    // MARK: Profiles

    @Test func profiles() throws {
        let profile = try ProfileFile(path: Self.sample("profile-1.yaml")).profile
        #expect(profile.limits.keys.count == 8)
        try altered("profile-1.yaml", "schema: 1", "schema: 2") { path in
            try expect(["profiles", path], 65, "schema 2 is newer than this version of prune")
        }
        try altered("profile-1.yaml", "schema: 1", "schema: 0") { path in
            try expect(["profiles", path], 65, "schema 0 is older than any that can be read")
        }
    }

    // MARK: Jobs

    @Test func jobs() throws {
        let job = try JobFile(path: Self.sample("job-1.yaml"))
        #expect(job.tasks.map(\.line) == ["vgg/phone-4g", "vgg/phone-4g+zeros"])
        #expect(job.gates.growth.count == 4)
        #expect(job.options.seed == 7)
        let original = try String(contentsOfFile: Self.sample("job-1.yaml"), encoding: .utf8)
        for (schema, words) in [
            (2, "schema 2 is newer than this version of prune"),
            (0, "schema 0 is older than any that can be read; rewrite the job for schema 1"),
        ] {
            let text = original.replacing("schema: 1", with: "schema: \(schema)")
            #expect {
                try JobReader.read(Data(text.utf8), file: Self.sample("job-1.yaml"))
            } throws: { error in
                "\(error)".contains(words)
            }
        }
    }

    // MARK: Plans and analyses

    @Test func plans() throws {
        let arguments = Self.mobilenet + ["--dry-run", "--skip-timing", "--plan"]
        try expect(arguments + [Self.sample("plan-1.json")], 0, "")
        try altered("plan-1.json", "\"schema\": 1", "\"schema\": 2") { path in
            try expect(arguments + [path], 65, "a plan of schema 2 was made by a later Espalier")
        }
        try altered("plan-1.json", "\"schema\": 1", "\"schema\": 0") { path in
            try expect(arguments + [path], 65, "a plan of schema 0 is not read any more")
        }
    }

    @Test func analyses() throws {
        let arguments =
            Self.mobilenet + [
                "--dry-run", "--skip-timing", "--quiet", "--recovery", "none", "--budget",
                "file-kib=1024",
                "--calibration", EvaluateCommandTests.clothes, "--analysis",
            ]
        try expect(arguments + [Self.sample("analysis-1.json")], 0, "")
        try altered("analysis-1.json", "\"schema\": 1", "\"schema\": 2") { path in
            try expect(
                arguments + [path], 65,
                "is of schema 2, made by a later Espalier; this one reads schema 1")
        }
        try altered("analysis-1.json", "\"schema\": 1", "\"schema\": 0") { path in
            try expect(arguments + [path], 65, "is of schema 0, which is not read any more")
        }
    }

    // MARK: Manifests and measurements

    @Test func manifests() throws {
        let path = Self.sample("manifest-1.json")
        let manifest = try VariantManifest(readingFrom: path)
        // Reading and writing again loses nothing.
        #expect(try manifest.encoded() == Data(contentsOf: URL(filePath: path)))
        let json = try JSON(parsing: Data(contentsOf: URL(filePath: path)))
        #expect(try Schema(of: "manifest").faults(json) == [])
        for (schema, code) in [
            (2, VariantStoreError.Code.tooNew(schema: 2)), (0, .tooOld(schema: 0)),
        ] {
            try altered(
                "manifest-1.json", "\"schema\" : 1,\n  \"tool", "\"schema\" : \(schema),\n  \"tool"
            ) {
                path in
                #expect(throws: VariantStoreError(code, file: path)) {
                    try VariantManifest(readingFrom: path)
                }
            }
        }
    }

    @Test func measurements() throws {
        let data = try Data(contentsOf: URL(filePath: Self.sample("measurement-1.json")))
        let record = try MeasurementRecord(parsing: Array(data), file: "m")
        #expect(record.variant.medianMs == 1.25)
        #expect(record.machine.processor == "Example CPU")
        #expect(try Schema(of: "measurement").faults(JSON(parsing: data)) == [])
        for (schema, words) in [
            (0, "0 is not read any more"), (2, "2 is newer than 1, the newest that is read"),
        ] {
            try altered("measurement-1.json", "\"schema\" : 1", "\"schema\" : \(schema)") { path in
                let other = try Data(contentsOf: URL(filePath: path))
                do {
                    _ = try MeasurementRecord(parsing: Array(other), file: "m")
                    Issue.record("schema \(schema) was read")
                } catch let error as VariantStoreError {
                    #expect(error.code == .damagedMeasurement)
                    #expect(error.detail.contains(words))
                }
            }
        }
    }

    // MARK: Stores

    @Test func stores() throws {
        let path = Self.sample("store-1")
        let store = try StoreDirectory(opening: path)
        let version = try store.variant("net/sample:champion")
        #expect(version.number == 1)
        #expect(try store.manifest(of: version).base.model == "net")
        #expect(try store.measurements(of: version).count == 1)
        // The key of RFC 8410, which everybody knows.
        let key = try VerificationKey(
            pem: "-----BEGIN PUBLIC KEY-----\n"
                + "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"
        )
        let policy = SignaturePolicy(keys: [key], requiresSignature: true)
        #expect(try store.verdict(on: version.digest, policy: policy) == .valid(keyIDs: [key.id]))
        #expect(try store.verify(.all, policy: policy).findings == [])
        #expect(
            try Prune.names(in: URL(filePath: path)).sorted() == [
                ".espalier", "blobs", "index.json", "oci-layout",
            ])
    }

    /// Each file that says a version, with another one.
    @Test(arguments: [
        (
            ".espalier/store.json", "\"schema\":1", "\"schema\":2",
            "a store of schema 2, made by a later Espalier; use that one"
        ),
        (
            ".espalier/store.json", "\"schema\":1", "\"schema\":0",
            "a store of schema 0, which is not read any more; fill a new one with prune batch"
        ),
        (
            "oci-layout", "1.0.0", "2.0.0",
            "an OCI image layout of version 2.0.0; this Espalier reads version 1, so use a newer one"
        ),
        (
            "index.json", "\"schemaVersion\":2", "\"schemaVersion\":3",
            "an index of schemaVersion 3; this Espalier reads 2, so use a newer one"
        ),
    ])
    func storesOfOtherVersions(file: String, text: String, other: String, words: String) throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let copy = folder.appending(path: "store")
        try FileManager.default.copyItem(at: URL(filePath: Self.sample("store-1")), to: copy)
        let changed = copy.appending(path: file)
        let original = try String(contentsOf: changed, encoding: .utf8)
        #expect(original.contains(text))
        try original.replacingOccurrences(of: text, with: other).write(
            to: changed, atomically: false, encoding: .utf8)
        try expect(["variants", "list", "--store", copy.path], 65, words)
    }
}
