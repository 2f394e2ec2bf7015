import Synchronization

/// Variants that a program has in memory, or gets from somewhere by itself.
public final class MemorySource: VariantSource {
    private struct State {
        var snapshot: SourceSnapshot
        var contents: [String: [UInt8]]
        var next = 0
        var readers: [Int: AsyncStream<SourceChange>.Continuation] = [:]
    }

    private let state: Mutex<State>

    /// - Parameters:
    ///   - catalogue: what can be selected.
    ///   - contents: the files, by the digest of artifact or file.
    public init(_ catalogue: VariantCatalogue, contents: [String: [UInt8]]) {
        state = Mutex(
            State(
                snapshot: SourceSnapshot(revision: 1, catalogue: catalogue), contents: contents))
    }

    /// Has something else from now on.
    ///
    /// - Parameters:
    ///   - contents: files beside those that are there.
    ///   - digests: of files that it has no longer.
    public func replace(
        _ catalogue: VariantCatalogue, adding contents: [String: [UInt8]] = [:],
        removing digests: Set<String> = []
    ) {
        state.withLock { state in
            for digest in digests { state.contents[digest] = nil }
            state.contents.merge(contents) { _, new in new }
            let snapshot = SourceSnapshot(
                revision: state.snapshot.revision + 1, catalogue: catalogue)
            state.snapshot = snapshot
            // In the lock, so that every reader sees the revisions in order.
            for reader in state.readers.values { reader.yield(.changed(snapshot)) }
        }
    }

    /// What it has.
    public func snapshot() -> SourceSnapshot { state.withLock { $0.snapshot } }

    /// What it has; it is always new.
    public func refresh() -> SourceSnapshot { snapshot() }

    /// Each replacement from now on.
    public func changes() -> AsyncStream<SourceChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SourceChange.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next += 1
            state.readers[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.readers[id] = nil }
        }
        return stream
    }

    /// A file from memory, digested.
    ///
    /// - Throws: ``SourceError`` with `missing`, `damaged` or `untrusted`.
    public func fetch(_ candidate: CandidateDescription) throws -> VariantFile {
        guard candidate.trust == .accepted else {
            throw SourceError(code: .untrusted, place: candidate.digest)
        }
        let bytes = state.withLock {
            $0.contents[candidate.digest] ?? $0.contents[candidate.fileDigest]
        }
        guard let bytes else { throw SourceError(code: .missing, place: candidate.digest) }
        return try VariantFile(candidate, bytes: bytes)
    }
}
