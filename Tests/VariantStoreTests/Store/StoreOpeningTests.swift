import Foundation
import Testing

@testable import VariantStore

@Suite struct StoreOpeningTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    @Test func whatIsNoStore() throws {
        #expect(code { _ = try StoreDirectory(opening: fixture.path) } == .noStore)
        #expect(code { _ = try StoreDirectory(opening: fixture.folder.path) } == .notAStore)
        #expect(code { _ = try StoreDirectory(opening: fixture.base.path) } == .notAStore)
        #expect(code { _ = try StoreDirectory.create(at: fixture.folder.path) } == .notAStore)
    }

    @Test func creationIsRepeatable() throws {
        let store = try fixture.store()
        _ = try store.publish(fixture.publication(1))
        #expect(try StoreDirectory.create(at: fixture.path).snapshot().all.count == 1)
        let deep = fixture.folder.appending(path: "a/b/store").path
        #expect(try StoreDirectory.create(at: deep).snapshot().all == [])
    }

    @Test func otherVersionsAreTold() throws {
        let store = try fixture.store()
        func reopened() -> VariantStoreError.Code? {
            code { _ = try StoreDirectory(opening: fixture.path).snapshot() }
        }
        let marker = store.layout.marker
        try write(#"{"kind":"espalier-store","schema":2}"#, to: marker)
        #expect(reopened() == .storeTooNew(schema: 2))
        try write(#"{"kind":"espalier-store","schema":0}"#, to: marker)
        #expect(reopened() == .storeTooOld(schema: 0))
        try write(#"{"kind":"#, to: marker)
        #expect(reopened() == .damagedIndex)
        try FileManager.default.removeItem(atPath: marker)
        #expect(reopened() == nil)
        try write(#"{"imageLayoutVersion":"2.0.0"}"#, to: store.layout.ociLayout)
        #expect(reopened() == .unknownLayout(version: "2.0.0"))
        try write(#"{"imageLayoutVersion":"1.0.0"}"#, to: store.layout.ociLayout)
        try write(#"{"schemaVersion":3,"shape":[]}"#, to: store.layout.index)
        #expect(reopened() == .indexTooNew(schema: 3))
    }

    /// A layout that another tool made: no `.espalier`, other entries, other annotations.
    @Test func layoutsOfOthers() throws {
        let store = try fixture.store()
        try FileManager.default.removeItem(atPath: store.layout.state)
        let foreign =
            #"{ "mediaType": "application/x", "digest": "sha512:00", "size": 3, "platform": {"os": "x"} }"#
        try write(
            #"{"schemaVersion": 2, "other": 1.50, "annotations": {"a": "b"}, "manifests": ["#
                + foreign
                + "]}", to: store.layout.index)
        let reader = try StoreDirectory(opening: fixture.path)
        #expect(try reader.snapshot().all == [])
        #expect(!FileManager.default.fileExists(atPath: store.layout.state))
        _ = try reader.publish(fixture.publication(1))
        let text = try String(contentsOfFile: store.layout.index, encoding: .utf8)
        #expect(text.contains(foreign))
        #expect(text.contains(#""annotations":{"a":"b"}"#) && text.contains(#""other":1.5"#))
        #expect(try reader.verify(.all).findings == [])
    }

    @Test func linksInTheStoreAreRefused() throws {
        let store = try fixture.store()
        let publication = try fixture.publication(1)
        let version = try store.publish(publication).version
        let digest = try #require(BlobDigest(hexadecimal: publication.manifest.variant.sha256))
        let blob = store.layout.blob(digest)
        try FileManager.default.removeItem(atPath: blob)
        try FileManager.default.createSymbolicLink(
            atPath: blob, withDestinationPath: publication.weights)
        #expect(
            code { _ = try store.openWeights(of: version, lease: false) }
                == .unreadable(errno: ELOOP))
        #expect(try !store.verify(.all).holds)
        let blobs = fixture.path + "/blobs"
        try FileManager.default.moveItem(atPath: blobs, toPath: blobs + ".other")
        try FileManager.default.createSymbolicLink(
            atPath: blobs, withDestinationPath: blobs + ".other")
        #expect(code { _ = try StoreDirectory(opening: fixture.path) } == .notAFile)
    }

    @Test func aStoreThatGoesAndComesBack() throws {
        let store = try fixture.store()
        let version = try store.publish(fixture.publication(1)).version
        try FileManager.default.moveItem(atPath: fixture.path, toPath: fixture.path + ".away")
        #expect(code { _ = try store.snapshot() } == .noStore)
        #expect(code { _ = try store.manifest(of: version) } == .noStore)
        try FileManager.default.moveItem(atPath: fixture.path + ".away", toPath: fixture.path)
        #expect(try store.snapshot().all == [version])
    }
}
