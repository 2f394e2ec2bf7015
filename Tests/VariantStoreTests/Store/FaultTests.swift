import Foundation
import Synchronization
import Testing

@testable import VariantStore

/// Every call to the operating system fails once, in turn.
@Suite struct FaultTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    /// Fails the call with that number with an error, and says whether it came to that.
    private final class Fault: Sendable {
        private let count = Atomic(0)
        let number: Int
        let errno: Int32

        init(_ number: Int, _ errno: Int32) {
            self.number = number
            self.errno = errno
        }

        var files: StoreFiles {
            StoreFiles { [self] _, _ in
                count.add(1, ordering: .relaxed).newValue == number ? errno : nil
            }
        }

        var hasHappened: Bool { count.load(ordering: .relaxed) >= number }
    }

    /// Runs a change with its first, second, third… call failing until it no longer meets a failure.
    private func loop(
        _ errno: Int32, on name: String, change: (StoreDirectory) throws -> Void
    ) throws {
        var number = 1
        while true {
            let clean = try fixture.store("\(name)-\(number)")
            _ = try clean.publish(fixture.publication(1))
            let before = try clean.snapshot()
            let fault = Fault(number, errno)
            let store = try StoreDirectory(opening: clean.path, files: fault.files)
            let failure = code { try change(store) }
            let after = try StoreDirectory(opening: clean.path).snapshot()
            if failure != nil {
                // A failure to bring the new state to the disk comes when it is visible already.
                #expect(after.all == before.all || after.all.count == before.all.count + 1)
            }
            #expect(try clean.verify(.all).findings == [], "call \(number)")
            try change(clean)
            #expect(try clean.verify(.all).findings == [], "call \(number), again")
            _ = try clean.collectGarbage()
            #expect(try FileManager.default.contentsOfDirectory(atPath: clean.layout.staging) == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: clean.layout.trash) == [])
            try FileManager.default.removeItem(atPath: clean.path)
            guard fault.hasHappened else { return }
            number += 1
        }
    }

    @Test(arguments: [ENOSPC, EIO]) func publishing(errno: Int32) throws {
        try loop(errno, on: "publish-\(errno)") { store in
            var publication = try fixture.publication(2)
            publication.measurement = StoreFixture.measurement
            #expect(try store.publish(publication).version.number == 2)
        }
    }

    @Test func collecting() throws {
        try loop(EIO, on: "collect") { store in
            let versions = try store.snapshot().all
            if versions.count == 1 { _ = try store.publish(fixture.publication(2)) }
            _ = try store.collectGarbage(keep: 2)
        }
    }

    @Test func merging() throws {
        let source = try fixture.store("source")
        _ = try source.publish(fixture.publication(2))
        try loop(ENOSPC, on: "merge") { store in _ = try store.merge(from: source) }
    }

    @Test func creating() throws {
        var number = 1
        while true {
            let path = fixture.folder.appending(path: "made-\(number)").path
            let fault = Fault(number, ENOSPC)
            let failure = code { _ = try StoreDirectory.create(at: path, files: fault.files) }
            #expect((failure == nil) != fault.hasHappened || failure == nil)
            #expect(try StoreDirectory.openOrCreate(at: path).verify(.all).holds)
            guard fault.hasHappened else { return }
            number += 1
        }
    }

    @Test(arguments: [
        (StoreFiles.Call.lock, ENOLCK, VariantStoreError.Code.noLocks(errno: ENOLCK)),
        (.open, EROFS, .readOnly(errno: EROFS)), (.write, ENOSPC, .noSpace(errno: ENOSPC)),
        (.write, EDQUOT, .noSpace(errno: EDQUOT)), (.sync, EIO, .unwritable(errno: EIO)),
    ])
    func causesAreTold(call: StoreFiles.Call, errno: Int32, expected: VariantStoreError.Code) throws
    {
        let clean = try fixture.store()
        _ = try clean.publish(fixture.publication(1))
        let store = try StoreDirectory(
            opening: clean.path, files: StoreFiles { asked, _ in asked == call ? errno : nil })
        #expect(code { _ = try store.publish(fixture.publication(2)) } == expected)
        #expect(try clean.verify(.all).holds)
    }

    @Test func aReadOnlyStoreCanBeRead() throws {
        let clean = try fixture.store()
        let version = try clean.publish(fixture.publication(1)).version
        let store = try StoreDirectory(opening: clean.path, files: StoreFiles { _, _ in EROFS })
        #expect(try store.snapshot().all == [version])
        #expect(try store.verify(.all).holds)
        let blob = try store.openWeights(of: version, lease: true)
        #expect(blob.byteCount == "variant net/phone 1".utf8.count)
        #expect(code { try store.tag(version, as: "x") } == .readOnly(errno: EROFS))
    }
}
