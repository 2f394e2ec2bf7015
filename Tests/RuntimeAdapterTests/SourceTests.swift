import Foundation
import RuntimeAdapterTesting
import Testing
import VariantStore

@testable import RuntimeAdapter

/// Places that variants come from, and what they do when those break.
@Suite struct SourceTests {
    /// Candidates whose files are in memory, by number.
    static func memory(_ numbers: [Int]) -> (candidates: [CandidateDescription], [String: [UInt8]])
    {
        var contents: [String: [UInt8]] = [:]
        let candidates = numbers.map { number in
            let content = StoreFolder.content(number)
            var candidate = Sample.candidate(number, fileBytes: content.count)
            candidate.fileDigest = BlobDigest(of: content).text
            contents[candidate.digest] = content
            return candidate
        }
        return (candidates, contents)
    }

    @Test func memoryKeepsToTheProtocol() async throws {
        var (candidates, contents) = Self.memory([1, 2, 3])
        candidates[2].trust = .refused
        let source = MemorySource(VariantCatalogue(candidates), contents: contents)
        let (others, otherContents) = Self.memory([1, 4])
        try await VariantSourceTest(
            source: source,
            change: { source.replace(VariantCatalogue(others), adding: otherContents) },
            spoil: { candidate in
                source.replace(
                    source.snapshot().catalogue, adding: [candidate.digest: Array("other".utf8)])
            }
        ).run()
    }

    @Test func storesKeepToTheProtocol() async throws {
        let folder = try StoreFolder()
        try folder.publish(1)
        try folder.publish(2, line: "net/laptop")
        let clock = ManualClock()
        let source = StoreSource(folder.path, interval: .seconds(1), clock: clock)
        try await VariantSourceTest(
            source: source, change: { try folder.publish(3) },
            spoil: { try folder.spoil($0.fileDigest) },
            tick: { clock.advance(by: .seconds(1)) }
        ).run()
    }

    /// A suite that accepts everything says nothing: this source is found out.
    @Test func theSuiteFindsWhatIsWrong() async throws {
        let (candidates, contents) = Self.memory([1])
        let source = ForgetfulSource(
            MemorySource(VariantCatalogue(candidates), contents: contents))
        await #expect(throws: VariantSourceTest.Violation.self) {
            try await VariantSourceTest(source: source, change: {}).snapshotsAreStable()
        }
    }

    /// Says of every look that something changed.
    private final class ForgetfulSource: VariantSource {
        private let source: MemorySource
        init(_ source: MemorySource) { self.source = source }
        func snapshot() -> SourceSnapshot { source.snapshot() }
        func refresh() -> SourceSnapshot {
            SourceSnapshot(revision: 99, catalogue: source.snapshot().catalogue)
        }
        func changes() -> AsyncStream<SourceChange> { source.changes() }
        func fetch(_ candidate: CandidateDescription) throws -> VariantFile {
            try source.fetch(candidate)
        }
    }

    @Test func aStoreThatBreaksLeavesWhatWasRead() async throws {
        let folder = try StoreFolder()
        try folder.publish(1)
        let source = StoreSource(folder.path)
        let good = try await source.refresh()
        let candidate = try #require(good.catalogue.candidates.first { $0.kind == .variant })
        let held = try await source.fetch(candidate)

        func expectUnavailable() async throws {
            let error = await #expect(throws: SourceError.self) { try await source.refresh() }
            #expect(error?.code == .unavailable)
            #expect(try await source.snapshot().revision == good.revision)
        }
        let index = try Data(contentsOf: folder.index)
        for torn in [Data(), index.prefix(index.count / 2), Data("{}".utf8), Data("[1".utf8)] {
            try torn.write(to: folder.index)
            try await expectUnavailable()
        }
        try index.write(to: folder.index)
        #expect(try await source.refresh().catalogue.candidates == good.catalogue.candidates)
        try folder.vanish()
        try await expectUnavailable()
        #expect(try held.bytes() == StoreFolder.content(1))
        await #expect(throws: SourceError.self) { try await source.fetch(candidate) }
        try folder.comeBack()
        #expect(try await source.refresh().catalogue.candidates == good.catalogue.candidates)
        #expect(try await source.fetch(candidate).bytes() == StoreFolder.content(1))
        // An index that is gone alone, as in the middle of a removal.
        try FileManager.default.removeItem(at: folder.index)
        try await expectUnavailable()
    }

    /// A removal takes the blobs before the index: what was read of them is still true.
    @Test func whatWasReadOnceStays() async throws {
        let folder = try StoreFolder()
        let digest = try folder.publish(1)
        let source = StoreSource(folder.path)
        let good = try await source.refresh()
        try folder.spoil(digest)
        try folder.publish(2, line: "net/laptop")
        let now = try await source.refresh()
        #expect(now.revision > good.revision)
        #expect(now.catalogue.candidates.map(\.digest).contains(digest))
        #expect(now.catalogue.candidates.count == good.catalogue.candidates.count + 1)
        // A source that never saw it leaves it out.
        let other = try await StoreSource(folder.path).refresh()
        #expect(!other.catalogue.candidates.map(\.digest).contains(digest))
        #expect(other.catalogue.refusals.count == 1)
        let candidate = try #require(now.catalogue.candidates.first { $0.digest == digest })
        let error = await #expect(throws: SourceError.self) { try await source.fetch(candidate) }
        #expect(error?.code == .damaged)
    }

    /// Who only looks reads a damaged store after 1, 2, 4 … looks; who asks for it, at once.
    @Test func aStoreThatStaysDamagedIsReadNowAndThen() throws {
        let folder = try StoreFolder()
        let digest = try folder.publish(1)
        let content = try folder.spoil(digest)
        let reader = StoreReader(path: folder.path, versions: .latest, trust: nil, devices: [])
        func refusals(isPatient: Bool = true) throws -> Int {
            try reader.refresh(isPatient: isPatient).catalogue.refusals.count
        }
        #expect(try refusals() == 1)
        #expect(try refusals() == 1)
        // The second look read it again, in vain; the next one waits, whatever became of the store.
        try folder.put(content, at: digest)
        #expect(try refusals() == 1)
        #expect(try refusals() == 0)
        try folder.spoil(digest)
        // What was read whole is looked at again only when the index changes.
        #expect(try refusals() == 0)
        try folder.publish(2, line: "net/laptop")
        let other = StoreReader(path: folder.path, versions: .latest, trust: nil, devices: [])
        for _ in 0..<8 { _ = try other.refresh(isPatient: true) }
        try folder.put(content, at: digest)
        #expect(try other.refresh(isPatient: true).catalogue.refusals.count == 1)
        #expect(try other.refresh().catalogue.refusals.isEmpty)
    }

    @Test func unsignedOnesAreNotHandedOut() async throws {
        let folder = try StoreFolder()
        let key = SigningKey()
        let signed = try folder.publish(1, signers: [key])
        let unsigned = try folder.publish(2, line: "net/laptop")
        let trust = try TrustPolicy(
            publicKeys: [key.verificationKey.pem], requiresSignature: true)
        let source = StoreSource(folder.path, trust: trust)
        let candidates = try await source.refresh().catalogue.candidates
        func candidate(_ digest: String) throws -> CandidateDescription {
            try #require(candidates.first { $0.digest == digest })
        }
        #expect(try await source.fetch(candidate(signed)).bytes() == StoreFolder.content(1))
        // Whatever a description says, the store is asked.
        var forged = try candidate(unsigned)
        forged.trust = .accepted
        let error = await #expect(throws: SourceError.self) { try await source.fetch(forged) }
        #expect(error?.code == .untrusted)
        // Another artifact's file under an accepted digest is none.
        var mixed = try candidate(signed)
        mixed.fileDigest = try candidate(unsigned).fileDigest
        let mismatch = await #expect(throws: SourceError.self) { try await source.fetch(mixed) }
        #expect(mismatch?.code == .damaged)
    }

    @Test func failuresAreToldOnce() {
        var watch = StoreWatch(revision: 1)
        let error = SourceError(code: .unavailable, place: "p")
        let old = SourceSnapshot(revision: 1, catalogue: VariantCatalogue([]))
        let new = SourceSnapshot(revision: 2, catalogue: VariantCatalogue([]))
        var failures: UInt64 = 0
        func told(_ outcome: Result<SourceSnapshot, SourceError>) -> String {
            if case .failure = outcome { failures += 1 }
            return switch watch.take(outcome, failures: failures) {
            case .changed(let snapshot): "\(snapshot.revision)"
            case .failed: "failed"
            case .recovered: "recovered"
            case nil: "-"
            }
        }
        #expect(told(.success(old)) == "-")
        #expect(told(.failure(error)) == "failed")
        #expect(told(.failure(error)) == "-")
        #expect(told(.success(old)) == "recovered")
        #expect(told(.success(old)) == "-")
        #expect(told(.failure(error)) == "failed")
        #expect(told(.success(new)) == "2")
        #expect(told(.success(new)) == "-")
        // What somebody else met is over for this reader, too.
        failures += 1
        #expect(told(.success(new)) == "recovered")
    }

    @Test func filesAreReadInParts() throws {
        let (candidates, _) = Self.memory([5])
        let file = try VariantFile(candidates[0], bytes: StoreFolder.content(5))
        var buffer = [UInt8](repeating: 0, count: 4)
        for offset in [Int.min, -1, 9, .max] {
            var count = 1
            try buffer.withUnsafeMutableBytes { count = try file.read(into: $0, at: offset) }
            #expect(count == 0)
        }
        #expect(throws: SourceError.self) {
            try VariantFile(candidates[0], bytes: Array("variant 6".utf8))
        }
    }
}
