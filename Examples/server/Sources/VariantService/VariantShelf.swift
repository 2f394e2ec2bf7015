import HTTPTypes
package import RuntimeAdapter
package import Serving
import Synchronization

/// The files that a server hands out, by the digest of their content; each digested and its signatures checked
/// when it was opened.
///
/// Files stay open while they are in the catalogue, those used last if there are too many. What the catalogue
/// lost is opened anew by whoever still asks for it, with all checks; what the signature policy refuses is closed.
package final class VariantShelf: Sendable {
    fileprivate enum Place {
        case open(VariantFile, used: UInt64)
        case opening(Task<Result<VariantFile, SourceError>, Never>)
        case failed(SourceError, until: ContinuousClock.Instant)
    }

    fileprivate struct State {
        var catalogue: VariantCatalogue?
        var known: [String: CandidateDescription] = [:]
        /// What earlier catalogues had, the oldest first.
        var former: [CandidateDescription] = []
        var places: [String: Place] = [:]
        var clock: UInt64 = 0
    }

    private let source: any VariantSource
    private let catalogue: @Sendable () -> VariantCatalogue
    private let mostOpen: Int
    private let pause: Duration
    private let state = Mutex(State())

    /// The most files that earlier catalogues had and that may still be asked for.
    static let mostFormer = 256

    /// A shelf without files.
    ///
    /// - Parameters:
    ///   - catalogue: what is served now.
    ///   - mostOpen: files that stay open.
    ///   - pause: time that a file that could not be opened is left alone.
    package init(
        source: some VariantSource, mostOpen: Int = 64, pause: Duration = .seconds(5),
        catalogue: @escaping @Sendable () -> VariantCatalogue
    ) {
        self.source = source
        self.catalogue = catalogue
        self.mostOpen = max(mostOpen, 1)
        self.pause = pause
    }

    /// An open file; its content has the digest.
    ///
    /// Many who ask for the same file at once make it be opened once.
    /// - Throws: ``Problem`` with status 404 for what is not there or not to be served, 503 for what cannot be
    ///   read now.
    package func file(of digest: String) async throws(Problem) -> VariantFile {
        let newest = catalogue()
        let look = state.withLock { state -> Result<Place, Problem> in
            if state.catalogue !== newest { state.take(newest) }
            state.clock += 1
            switch state.places[digest] {
            case .open(let file, _):
                state.places[digest] = .open(file, used: state.clock)
                return .success(.open(file, used: state.clock))
            case .failed(_, let until) where until <= .now: break
            case let place?: return .success(place)
            case nil: break
            }
            guard let candidate = state.known[digest], candidate.trust == .accepted else {
                return .failure(Self.missing)
            }
            let task = Task { await self.open(candidate) }
            state.places[digest] = .opening(task)
            return .success(.opening(task))
        }
        switch try look.get() {
        case .open(let file, _): return file
        case .failed(let error, _): throw Self.problem(error)
        case .opening(let task):
            do throws(SourceError) { return try await task.value.get() } catch {
                throw Self.problem(error)
            }
        }
    }

    private func open(_ candidate: CandidateDescription) async -> Result<VariantFile, SourceError> {
        let outcome: Result<VariantFile, SourceError>
        do { outcome = .success(try await source.fetch(candidate)) } catch {
            outcome = .failure(
                error as? SourceError ?? SourceError(code: .unavailable, place: candidate.digest))
        }
        state.withLock { state in
            // Refused meanwhile: whoever waits is served what was fine when they asked, and nobody after them.
            guard state.known[candidate.fileDigest]?.trust == .accepted else {
                state.places[candidate.fileDigest] = nil
                return
            }
            switch outcome {
            case .success(let file):
                state.places[candidate.fileDigest] = .open(file, used: state.clock)
                state.close(downTo: mostOpen)
            case .failure(let error):
                state.places[candidate.fileDigest] = .failed(error, until: .now + pause)
            }
        }
        return outcome
    }

    private static let missing = Problem(
        .notFound, "no-such-variant", "No variant that this server serves has that digest.")

    private static func problem(_ error: SourceError) -> Problem {
        switch error.code {
        case .missing, .untrusted: missing
        case .damaged, .unavailable:
            Problem(
                .serviceUnavailable, "variant-unavailable",
                "The variant cannot be read now, or is not what its digest says."
            ).retryAfter(seconds: 5)
        }
    }
}

extension VariantShelf.State {
    /// Follows a catalogue: what it refuses is closed, what it lost is closed until somebody asks for it.
    fileprivate mutating func take(_ newest: VariantCatalogue) {
        var made: [String: CandidateDescription] = [:]
        for candidate in newest.candidates {
            // Of several artifacts with one file any that is accepted will do.
            if made[candidate.fileDigest]?.trust == .accepted { continue }
            made[candidate.fileDigest] = candidate
        }
        let lost = (catalogue?.candidates ?? []).filter { made[$0.fileDigest] == nil }
        former.removeAll { made[$0.fileDigest] != nil }
        former += lost.filter { $0.trust == .accepted }
        if former.count > VariantShelf.mostFormer {
            former.removeFirst(former.count - VariantShelf.mostFormer)
        }
        places = places.filter { digest, place in
            if case .opening = place { return true }
            return made[digest]?.trust == .accepted
        }
        for candidate in former { made[candidate.fileDigest] = candidate }
        (known, catalogue) = (made, newest)
    }

    /// Closes what was used longest ago; who reads it still has it.
    fileprivate mutating func close(downTo most: Int) {
        let open = places.compactMap { digest, place -> (String, UInt64)? in
            if case .open(_, let used) = place { (digest, used) } else { nil }
        }
        guard open.count > most else { return }
        for (digest, _) in open.sorted(by: { $0.1 < $1.1 }).prefix(open.count - most) {
            places[digest] = nil
        }
    }
}
