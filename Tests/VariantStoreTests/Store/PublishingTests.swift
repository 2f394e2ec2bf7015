import Foundation
import Testing

@testable import VariantStore

@Suite struct PublishingTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test func versionsCountUp() throws {
        let store = try fixture.store()
        let first = try store.publish(fixture.publication(1))
        let second = try store.publish(fixture.publication(2, tags: ["champion"]))
        #expect(first.version.text == "net/phone:v1" && first.isNew)
        #expect(second.version.text == "net/phone:v2" && second.isNew)
        let snapshot = try store.snapshot()
        #expect(snapshot.names.map(\.text) == ["net/phone"])
        #expect(snapshot.all == [first.version, second.version])
        #expect(snapshot.tags(of: second.version) == ["champion", "latest"])
        #expect(snapshot.bases.count == 1)
        #expect(try store.verify(.all).findings == [])
    }

    @Test func theSameAgainIsNoNewVersion() throws {
        let store = try fixture.store()
        let first = try store.publish(fixture.publication(1))
        _ = try store.publish(fixture.publication(2))
        let again = try store.publish(fixture.publication(1, tags: ["champion"]))
        #expect(again.version == first.version && !again.isNew)
        let snapshot = try store.snapshot()
        #expect(snapshot.all.count == 2)
        #expect(snapshot.tags(of: first.version) == ["champion", "latest"])
        let publication = try fixture.publication(1)
        #expect(
            snapshot.version(withInputs: publication.inputs, on: publication.name)
                == first.version)
    }

    @Test func aMachineIsHeardOnce() throws {
        let store = try fixture.store()
        var publication = try fixture.publication(1)
        publication.measurement = StoreFixture.measurement
        let version = try store.publish(publication).version
        // The same machine has other times each time; another one counts.
        publication = try fixture.publication(1)
        publication.measurement = StoreFixture.measurement
        publication.measurement?.variant.medianMs = 1.1
        _ = try store.publish(publication)
        #expect(try store.measurements(of: version) == [StoreFixture.measurement])
        publication = try fixture.publication(1)
        publication.measurement = StoreFixture.measurement
        publication.measurement?.machine.cores = 64
        _ = try store.publish(publication)
        #expect(try store.measurements(of: version).map(\.machine.cores).sorted() == [2, 64])
        #expect(try store.verify(.all).findings == [])
    }

    @Test func theSameInputsGiveTheSameBytes() throws {
        let one = try fixture.store("one")
        let two = try fixture.store("two")
        for store in [one, two] {
            for number in 1...3 { _ = try store.publish(fixture.publication(number)) }
        }
        #expect(
            try fixture.contents(of: one, below: one.layout.blobs)
                == fixture.contents(of: two, below: two.layout.blobs))
        #expect(
            FileManager.default.contents(atPath: one.layout.index)
                == FileManager.default.contents(atPath: two.layout.index))
    }

    @Test func contentComesBack() throws {
        let store = try fixture.store()
        var publication = try fixture.publication(1)
        publication.measurement = StoreFixture.measurement
        let key = SigningKey()
        publication.signers = [key]
        let version = try store.publish(publication).version
        #expect(try store.manifest(of: version) == publication.manifest)
        #expect(try store.measurements(of: version) == [StoreFixture.measurement])
        let blob = try store.openWeights(of: version, lease: true)
        #expect(blob.name == "net.phone.h5")
        #expect(FileManager.default.contents(atPath: blob.path) == Data("variant net/phone 1".utf8))
        let policy = SignaturePolicy(keys: [key.verificationKey], requiresSignature: true)
        #expect(
            try store.verdict(on: version.digest, policy: policy) == .valid(keyIDs: [key.keyID]))
        #expect(try store.verify(.all, policy: policy).signed == 1)
        // Once more changes nothing.
        let before = FileManager.default.contents(atPath: store.layout.index)
        _ = try store.publish(publication)
        #expect(FileManager.default.contents(atPath: store.layout.index) == before)
    }

    @Test func filesOfAWorkFolderAreMoved() throws {
        let store = try fixture.store()
        let work = try store.makeWorkFolder()
        var publication = try fixture.publication(1)
        let inside = work.path + "/variant.h5"
        try FileManager.default.moveItem(atPath: publication.weights, toPath: inside)
        publication.weights = inside
        let published = try store.publish(publication)
        #expect(!FileManager.default.fileExists(atPath: inside))
        // A caller that heard of a failure tries again with the file gone.
        #expect(try store.publish(publication).version == published.version)
    }

    @Test func filesThatAreNotTheManifestsAreRefused() throws {
        let store = try fixture.store()
        let index = FileManager.default.contents(atPath: store.layout.index)
        let publication = try fixture.publication(1)
        try Data("other".utf8).write(to: URL(filePath: publication.weights))
        let other = FileDigest(of: Data("other".utf8)).sha256
        #expect(
            code { _ = try store.publish(publication) }
                == .wrongDigest(
                    expected: publication.manifest.variant.sha256, actual: other))
        let second = try fixture.publication(2)
        try Data("other".utf8).write(to: fixture.base)
        #expect(
            code { _ = try store.publish(second) }
                == .wrongDigest(expected: second.manifest.base.file.sha256, actual: other))
        #expect(FileManager.default.contents(atPath: store.layout.index) == index)
    }

    @Test func aDamagedBlobIsHealedByPublishingAgain() throws {
        let store = try fixture.store()
        let publication = try fixture.publication(1)
        let version = try store.publish(publication).version
        let digest = try #require(BlobDigest(hexadecimal: publication.manifest.variant.sha256))
        try Data("variant net/phone X".utf8).write(to: URL(filePath: store.layout.blob(digest)))
        #expect(
            code { _ = try store.openWeights(of: version, lease: false) }
                == .damagedBlob(
                    expected: digest.text,
                    actual: BlobDigest(of: Data("variant net/phone X".utf8)).text))
        _ = try store.publish(publication)
        #expect(try store.verify(.all).holds)
    }

    @Test func tagsMoveAndVersionsGo() throws {
        let store = try fixture.store()
        let one = try store.publish(fixture.publication(1, tags: ["champion"])).version
        let two = try store.publish(fixture.publication(2)).version
        try store.tag(two, as: "candidate")
        #expect(code { try store.remove([one]) } == .tagInUse(tags: ["champion"]))
        try store.tag(two, as: "champion")
        try store.untag(two.name, tag: "candidate")
        #expect(
            code { try store.untag(two.name, tag: "candidate") }
                == .noSuchTag(present: ["champion", "latest"]))
        #expect(code { try store.tag(two, as: "v7") } == .badName)
        #expect(code { try store.untag(two.name, tag: "latest") } == .badName)
        try store.remove([two], force: true)
        #expect(try store.snapshot().tags(of: one) == ["latest"])
        #expect(code { try store.tag(two, as: "x") } == .noSuchVersion(present: [1]))
        // A number is never used twice, even when the line is empty for a while.
        #expect(try store.publish(fixture.publication(3)).version.number == 3)
        let all = try store.snapshot().all
        try store.remove(all, force: true)
        #expect(try store.snapshot().names == [])
        #expect(try store.publish(fixture.publication(1)).version.number == 4)
        #expect(try store.verify(.all).findings == [])
    }

    @Test func referencesResolve() throws {
        let store = try fixture.store()
        let one = try store.publish(fixture.publication(1)).version
        let other = try store.publish(fixture.publication(1, line: "net/tablet")).version
        let snapshot = try store.snapshot()
        func resolve(_ text: String) throws -> VariantVersion {
            try snapshot.resolve(VariantReference(parsing: text))
        }
        #expect(try resolve("net/phone") == one)
        #expect(try resolve("net/tablet:v1") == other)
        #expect(try resolve(other.digest.text) == other)
        #expect(try resolve(String(one.digest.hexadecimal.prefix(20))) == one)
        #expect(
            code { _ = try resolve("net/phome") }
                == .noSuchVariant(near: ["net/phone", "net/tablet"]))
        #expect(code { _ = try resolve("net/phone:v2") } == .noSuchVersion(present: [1]))
        #expect(code { _ = try resolve("net/phone:best") } == .noSuchTag(present: ["latest"]))
        #expect(code { _ = try resolve("sha256:0000000000") } == .noSuchDigest)
        let base = try #require(snapshot.bases.first)
        #expect(code { _ = try resolve(base.text) } == .notAVariant)
        #expect(try snapshot.digest(of: VariantReference(parsing: base.text)) == base.digest)
        #expect(snapshot.find(profile: "phone") == [one])
        #expect(snapshot.baseSHA256(of: one) == (try FileDigest(ofFile: fixture.base.path)).sha256)
    }
}
