import HTTPTypes
import RuntimeAdapter
import Serving
import Synchronization
import Testing

@testable import VariantService

/// A source whose fetches are counted, and fail if that is asked for.
private final class CountedSource: VariantSource {
    let inner: MemorySource
    let fetches = Atomic<Int>(0)
    let failure = Mutex<SourceError?>(nil)

    init(_ inner: MemorySource) { self.inner = inner }

    func snapshot() async throws -> SourceSnapshot { inner.snapshot() }
    func refresh() async throws -> SourceSnapshot { inner.refresh() }
    func changes() -> AsyncStream<SourceChange> { inner.changes() }

    func fetch(_ candidate: CandidateDescription) async throws -> VariantFile {
        fetches.add(1, ordering: .relaxed)
        if let failure = failure.withLock({ $0 }) { throw failure }
        return try inner.fetch(candidate)
    }
}

@Suite struct ShelfTests {
    private let source: CountedSource
    private let digests: [String]

    init() throws {
        let candidates = try (0..<4).map { try Sample.candidate($0, accuracy: 0.9) }
        source = CountedSource(
            MemorySource(VariantCatalogue(candidates), contents: Sample.contents(0..<4)))
        digests = candidates.map(\.fileDigest)
    }

    private func shelf(mostOpen: Int = 64, pause: Duration = .seconds(3600)) -> VariantShelf {
        VariantShelf(source: source, mostOpen: mostOpen, pause: pause) { [source] in
            source.inner.snapshot().catalogue
        }
    }

    private var fetches: Int { source.fetches.load(ordering: .relaxed) }

    @Test func manyWhoAskAtOnceMakeAFileBeOpenedOnce() async throws {
        let shelf = shelf()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { [digests] in try await shelf.file(of: digests[0]).byteCount }
            }
            for try await count in group { #expect(count == 200_000) }
        }
        #expect(fetches == 1)
    }

    @Test func whatWasUsedLongestAgoIsClosed() async throws {
        let shelf = shelf(mostOpen: 2)
        for number in [0, 1, 0, 2] { _ = try await shelf.file(of: digests[number]) }
        #expect(fetches == 3)
        _ = try await shelf.file(of: digests[0])
        #expect(fetches == 3)
        _ = try await shelf.file(of: digests[1])
        #expect(fetches == 4)
    }

    @Test func whatIsSupersededIsCheckedAnewForWhoStillAsks() async throws {
        let shelf = shelf()
        let held = try await shelf.file(of: digests[0])
        source.inner.replace(VariantCatalogue([try Sample.candidate(1, accuracy: 0.9)]))
        _ = try await shelf.file(of: digests[0])
        #expect(fetches == 2)
        source.inner.replace(
            VariantCatalogue([try Sample.candidate(1, accuracy: 0.8)]), removing: [digests[0]])
        await #expect(throws: Problem.self) { try await shelf.file(of: digests[0]) }
        #expect(held.byteCount == 200_000)
    }

    @Test func whatIsRefusedIsClosedAtOnce() async throws {
        let shelf = shelf()
        _ = try await shelf.file(of: digests[0])
        source.inner.replace(
            VariantCatalogue([try Sample.candidate(0, accuracy: 0.9, trust: .refused)]))
        await #expect(throws: Problem.self) { try await shelf.file(of: digests[0]) }
        #expect(fetches == 1)
    }

    @Test(arguments: [
        (SourceError.Code.damaged, 503), (.unavailable, 503), (.missing, 404), (.untrusted, 404),
    ])
    func aFileThatCannotBeOpenedIsLeftAloneForAWhile(
        code: SourceError.Code, status: Int
    ) async throws {
        source.failure.withLock { $0 = SourceError(code: code, place: "/secret/place") }
        let shelf = shelf()
        for _ in 0..<3 {
            let problem = try await #require(throws: Problem.self) {
                try await shelf.file(of: digests[0])
            }
            #expect(problem.status.code == status)
            #expect(!problem.detail.contains("secret"))
        }
        #expect(fetches == 1)
        let impatient = self.shelf(pause: .zero)
        await #expect(throws: Problem.self) { try await impatient.file(of: digests[0]) }
        source.failure.withLock { $0 = nil }
        #expect(try await impatient.file(of: digests[0]).byteCount == 200_000)
    }
}
