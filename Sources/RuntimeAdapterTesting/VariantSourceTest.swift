public import RuntimeAdapter

/// What every ``VariantSource`` must keep to, as a suite that its author runs.
///
/// ```swift
/// @Test func keepsToTheProtocol() async throws {
///     let place = try MyPlace()
///     try await VariantSourceTest(
///         source: MySource(place), change: { try place.publishAnother() },
///         spoil: { digest in try place.overwrite(digest) }
///     ).run()
/// }
/// ```
public struct VariantSourceTest: Sendable {
    /// What a source does not keep to.
    public struct Violation: Error, Sendable, CustomStringConvertible {
        /// One sentence.
        public let description: String
    }

    private let source: any VariantSource
    private let change: @Sendable () async throws -> Void
    private let spoil: (@Sendable (CandidateDescription) async throws -> Void)?
    private let tick: @Sendable () async -> Void

    /// - Parameters:
    ///   - source: has at least one candidate whose signature is accepted.
    ///   - change: makes the place have something that it did not have before.
    ///   - spoil: makes the content of a candidate's file another one; nil where that cannot be.
    ///   - tick: lets the time of a source pass that looks at its place now and then.
    public init(
        source: some VariantSource, change: @escaping @Sendable () async throws -> Void,
        spoil: (@Sendable (CandidateDescription) async throws -> Void)? = nil,
        tick: @escaping @Sendable () async -> Void = {}
    ) {
        self.source = source
        self.change = change
        self.spoil = spoil
        self.tick = tick
    }

    /// Everything, in the order that disturbs the place least; it is another one afterwards.
    ///
    /// - Throws: ``Violation``, or what the source or the place throws where it must not.
    public func run() async throws {
        try await snapshotsAreStable()
        try await filesAreWhatTheCatalogueSays()
        try await unknownFilesAreRefused()
        try await untrustedFilesAreRefused()
        try await fetchesMayBeAtOnce()
        try await changesAreSeen()
        try await readersEndWhenCancelled()
        try await spoiledFilesAreRefused()
    }

    /// Without a change the revision stays.
    public func snapshotsAreStable() async throws {
        let first = try await source.snapshot()
        try expect(!first.catalogue.candidates.isEmpty, "the suite needs a candidate")
        try expect(first.revision > 0, "a revision is above 0")
        let second = try await source.refresh()
        try expect(second.revision == first.revision, "nothing changed and the revision did")
        try expect(
            second.catalogue.candidates == first.catalogue.candidates,
            "one revision has two catalogues")
    }

    /// Each file has its candidate's size, and reads the same at once and in parts.
    public func filesAreWhatTheCatalogueSays() async throws {
        for candidate in try await accepted() {
            let file = try await source.fetch(candidate)
            try expect(
                file.candidate.digest == candidate.digest,
                "\(candidate.reference): the file is another variant's")
            try expect(
                file.byteCount == candidate.fileBytes,
                "\(candidate.reference): \(file.byteCount) bytes, not \(candidate.fileBytes)")
            let whole = try file.bytes()
            var part = [UInt8](repeating: 0, count: 16)
            let offset = max(0, whole.count - 8)
            var outcome = Result<Int, any Error>.success(0)
            part.withUnsafeMutableBytes { buffer in
                outcome = Result { try file.read(into: buffer, at: offset) }
            }
            let count = try outcome.get()
            try expect(
                Array(part[..<count]) == Array(whole[offset...]),
                "\(candidate.reference): a part reads otherwise than the whole")
        }
    }

    /// What the place does not have is `missing`.
    public func unknownFilesAreRefused() async throws {
        guard var candidate = try await accepted().first else { return }
        let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
        (candidate.digest, candidate.fileDigest) = (digest, digest)
        try await expectRefusal(of: candidate, as: [.missing])
        (candidate.digest, candidate.fileDigest) = ("../../etc/passwd", "")
        try await expectRefusal(of: candidate, as: [.missing])
    }

    /// What the catalogue says is not trusted is not handed out.
    public func untrustedFilesAreRefused() async throws {
        for candidate in try await source.snapshot().catalogue.candidates
        where candidate.trust == .refused {
            try await expectRefusal(of: candidate, as: [.untrusted])
        }
    }

    /// A file may be fetched by several at once.
    public func fetchesMayBeAtOnce() async throws {
        guard let candidate = try await accepted().first else { return }
        let source = source
        let contents = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<8 { group.addTask { try await source.fetch(candidate).bytes() } }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        try expect(contents.count == 1, "fetches at once give different contents")
    }

    /// A change has a larger revision, and readers are told of it.
    public func changesAreSeen() async throws {
        let before = try await source.snapshot()
        let changes = source.changes()
        let seen = Task { () -> SourceSnapshot? in
            for await change in changes {
                if case .changed(let snapshot) = change { return snapshot }
            }
            return nil
        }
        try await change()
        let tick = tick
        let ticking = Task {
            while !Task.isCancelled {
                await tick()
                await Task.yield()
            }
        }
        let told = await seen.value
        ticking.cancel()
        guard let told else { throw Violation(description: "the changes ended without the change") }
        try expect(told.revision > before.revision, "a change has a larger revision")
        let after = try await source.refresh()
        try expect(after.revision >= told.revision, "a revision went back")
        try expect(
            after.catalogue.candidates != before.catalogue.candidates,
            "the change is not in the catalogue")
    }

    /// A reader of changes that is cancelled comes to an end.
    public func readersEndWhenCancelled() async throws {
        let changes = source.changes()
        let reader = Task { for await _ in changes {} }
        reader.cancel()
        await reader.value
    }

    /// A file whose content is another one is `damaged`, or `missing`; what was fetched before stays good.
    public func spoiledFilesAreRefused() async throws {
        guard let spoil, let candidate = try await accepted().first else { return }
        let file = try await source.fetch(candidate)
        let content = try file.bytes()
        try await spoil(candidate)
        try await expectRefusal(of: candidate, as: [.damaged, .missing])
        try expect(try file.bytes() == content, "a file that was handed out changed")
    }

    private func accepted() async throws -> [CandidateDescription] {
        try await source.snapshot().catalogue.candidates.filter { $0.trust == .accepted }
    }

    private func expect(
        _ condition: @autoclosure () throws -> Bool, _ description: String
    ) throws {
        guard try condition() else { throw Violation(description: description) }
    }

    private func expectRefusal(
        of candidate: CandidateDescription, as codes: Set<SourceError.Code>
    ) async throws {
        do { _ = try await source.fetch(candidate) } catch let error as SourceError {
            try expect(
                codes.contains(error.code), "\(candidate.reference) is refused as \(error.code)")
            return
        }
        throw Violation(description: "\(candidate.reference) was handed out")
    }
}
