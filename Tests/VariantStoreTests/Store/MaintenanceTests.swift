import Foundation
import Testing

@testable import VariantStore

@Suite struct MaintenanceTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func blobs(_ store: StoreDirectory) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: store.layout.blobs))
    }

    @Test func oldVersionsGoButWhatIsNeededStays() throws {
        let store = try fixture.store()
        var versions: [VariantVersion] = []
        for number in 1...6 {
            var publication = try fixture.publication(number)
            publication.measurement = StoreFixture.measurement
            versions.append(try store.publish(publication).version)
        }
        try store.tag(versions[0], as: "champion")
        let lease = try store.lease([versions[1].digest])
        let before = try blobs(store)
        let plan = try store.collectGarbage(keep: 2, dryRun: true)
        #expect(plan.versions == Array(versions[2...3]) && plan.isDryRun)
        #expect(try blobs(store) == before)
        let report = try store.collectGarbage(keep: 2)
        #expect(report.versions == plan.versions && report.blobs == plan.blobs)
        #expect(report.byteCount == plan.byteCount && report.referrers == 2)
        #expect(
            try store.snapshot().all.map(\.number) == [1, 2, 5, 6])
        #expect(try store.verify(.all).findings == [])
        lease.release()
        #expect(try store.collectGarbage(keep: 2).versions == [versions[1]])
        #expect(try store.collectGarbage(keep: 2).blobs == [])
        #expect(try store.publish(fixture.publication(7)).version.number == 7)
    }

    @Test func removedButLeasedStaysReadable() throws {
        let store = try fixture.store()
        let version = try store.publish(fixture.publication(1)).version
        let blob = try store.openWeights(of: version, lease: true)
        try store.remove([version])
        let report = try store.collectGarbage()
        #expect(report.blobs == [])
        #expect(FileManager.default.contents(atPath: blob.path) != nil)
        #expect(try store.manifest(of: version).tool.name == "espalier")
    }

    @Test func everythingGoesWithTheLastVersion() throws {
        let store = try fixture.store()
        var publication = try fixture.publication(1)
        publication.signers = [SigningKey()]
        let version = try store.publish(publication).version
        try store.remove([version])
        let report = try store.collectGarbage()
        #expect(report.bases.count == 1 && report.referrers == 1)
        #expect(try blobs(store) == [])
        #expect(try store.snapshot().bases == [])
        #expect(code { _ = try store.openWeights(of: version, lease: true) } != nil)
    }

    @Test func leftoversOfTheDeadAreCleared() throws {
        let store = try fixture.store()
        let living = try store.makeWorkFolder()
        let dead = store.layout.staging + "/1-dead"
        try FileManager.default.createDirectory(atPath: dead, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(filePath: dead + "/1.part"))
        try Data().write(to: URL(filePath: dead + ".lock"))
        try Data("sha256:00\n".utf8).write(to: URL(filePath: store.layout.leases + "/1-dead"))
        let orphan = BlobDigest(of: Data("orphan".utf8))
        try Data("orphan".utf8).write(to: URL(filePath: store.layout.trashed(orphan)))
        let report = try store.collectGarbage()
        #expect(report.leftovers == 2 && report.staleLeases == 1)
        #expect(FileManager.default.fileExists(atPath: living.path))
        #expect(!FileManager.default.fileExists(atPath: dead))
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.layout.trash) == [])
    }

    /// A manifest that cannot be read may need any blob.
    @Test func damageStopsTheCollection() throws {
        let store = try fixture.store()
        let version = try store.publish(fixture.publication(1)).version
        try Data("{}".utf8).write(to: URL(filePath: store.layout.blob(version.digest)))
        let before = try blobs(store)
        guard case .damagedBlob? = code(of: { _ = try store.collectGarbage() }) else {
            Issue.record("collected")
            return
        }
        #expect(try blobs(store) == before)
    }

    @Test func shardsMergeInAnyOrder() throws {
        let shards = try (0..<3).map { try fixture.store("shard-\($0)") }
        for number in 0..<9 {
            var publication = try fixture.publication(number, line: "net/p\(number)")
            publication.measurement = StoreFixture.measurement
            _ = try shards[number % 3].publish(publication)
        }
        let one = try fixture.store("one")
        let two = try fixture.store("two")
        for shard in shards { _ = try one.merge(from: shard) }
        for shard in shards.reversed() { _ = try two.merge(from: shard) }
        #expect(try one.snapshot().all == two.snapshot().all)
        #expect(try blobs(one) == blobs(two))
        #expect(try one.snapshot().all.count == 9)
        #expect(try one.verify(.all).findings == [])
        let index = FileManager.default.contents(atPath: one.layout.index)
        for shard in shards {
            let report = try one.merge(from: shard)
            #expect(report.added == [] && report.present == 3 && report.referrers == 0)
        }
        #expect(try one.merge(from: one) == MergeReport())
        #expect(FileManager.default.contents(atPath: one.layout.index) == index)
    }

    @Test func numbersThatClashGoOn() throws {
        let target = try fixture.store("target")
        let source = try fixture.store("source")
        for number in [1, 2] { _ = try target.publish(fixture.publication(number)) }
        for number in [3, 2, 4] {
            _ = try source.publish(fixture.publication(number, tags: ["t\(number)"]))
        }
        try target.tag(target.snapshot().all[0], as: "t4")
        let report = try target.merge(from: source)
        #expect(
            report.added.map { "\($0.source) \($0.version)" } == [
                "net/phone:v1 net/phone:v3", "net/phone:v3 net/phone:v4",
            ])
        #expect(report.present == 1)
        #expect(report.tags == ["net/phone:t2", "net/phone:t3"])
        #expect(report.keptTags == ["net/phone:t4"])
        let latest = try target.snapshot().resolve(VariantReference(parsing: "net/phone"))
        #expect(latest.number == 4)
        #expect(try target.merge(from: source, overwritesTags: true).tags == ["net/phone:t4"])
        #expect(try target.verify(.all).findings == [])
    }

    @Test func damageInTheSourceStopsTheMerge() throws {
        let target = try fixture.store("target")
        let source = try fixture.store("source")
        let publication = try fixture.publication(1)
        _ = try source.publish(publication)
        let digest = try #require(BlobDigest(hexadecimal: publication.manifest.variant.sha256))
        try Data("variant net/phone X".utf8).write(to: URL(filePath: source.layout.blob(digest)))
        guard case .damagedBlob? = code(of: { _ = try target.merge(from: source) }) else {
            Issue.record("merged")
            return
        }
        #expect(try target.snapshot().all == [])
    }

    @Test func verificationFindsDamage() throws {
        let store = try fixture.store()
        let publication = try fixture.publication(1)
        let version = try store.publish(publication).version
        let digest = try #require(BlobDigest(hexadecimal: publication.manifest.variant.sha256))
        let path = URL(filePath: store.layout.blob(digest))
        let whole = try Data(contentsOf: path)
        for content in [Data(), whole.prefix(5), whole + Data([0])] {
            try content.write(to: path)
            let findings = try store.verify(.all).findings
            #expect(
                findings == [
                    VerificationFinding(
                        place: version.text,
                        fault: .damagedBlob(digest, actual: BlobDigest(of: content)))
                ])
        }
        try FileManager.default.removeItem(at: path)
        #expect(
            try store.verify(.versions([version])).findings.map(\.fault) == [.missingBlob(digest)])
        try whole.write(to: path)
        let policy = SignaturePolicy(keys: [SigningKey().verificationKey], requiresSignature: true)
        #expect(
            try store.verify(.all, policy: policy).findings.map(\.fault) == [.signature(.unsigned)])
    }

    /// An index entry that promises another variant than it names.
    @Test func contradictionsAreFound() throws {
        let store = try fixture.store()
        let version = try store.publish(fixture.publication(1)).version
        let text = try String(contentsOfFile: store.layout.index, encoding: .utf8)
        try text.replacing("net/phone:v1", with: "net/tablet:v1").write(
            toFile: store.layout.index, atomically: true, encoding: .utf8)
        let findings = try store.verify(.all).findings
        #expect(
            findings.contains(
                VerificationFinding(
                    place: "net/tablet:v1",
                    fault: .contradiction(
                        key: Annotation.profile, expected: "tablet", actual: "phone"))))
        #expect(findings.contains { $0.fault == .danglingTag("latest") } || version.number == 0)
    }
}
