import Synchronization
import VariantStore

/// Reads a store as often as it changes, and keeps the last state that was whole.
final class StoreReader: Sendable {
    private struct State {
        var store: StoreDirectory?
        var stamp: IndexStamp?
        var snapshot: SourceSnapshot?
        var failures: UInt64 = 0
        /// After a read that left something out: looks until it is read again, and how many there were.
        var pause = 0
        var looks = 0
    }

    private let path: String
    private let versions: VersionChoice
    private let trust: TrustPolicy?
    private let devices: [KnownDevice]
    private let state = Mutex(State())
    /// Held while the store is read, so that revisions ascend; nobody who only wants to know waits for it.
    private let reading = Mutex(())

    init(path: String, versions: VersionChoice, trust: TrustPolicy?, devices: [KnownDevice]) {
        self.path = path
        self.versions = versions
        self.trust = trust
        self.devices = devices
    }

    /// The last state that was whole; nil if there was none.
    var known: SourceSnapshot? { state.withLock { $0.snapshot } }

    /// How many reads failed so far, whoever asked for them.
    var failures: UInt64 { state.withLock { $0.failures } }

    /// A store that stays damaged is read again after so many looks at most.
    private static let longestPause = 64

    /// Reads the store unless its index is the one that was read.
    ///
    /// - Parameter isPatient: whether a store of which something had to be left out is read again only now and then: after 1, 2, 4 …
    ///   looks, as long as its index is the same.
    /// - Throws: ``SourceError`` with `unavailable`.
    func refresh(isPatient: Bool = false) throws(SourceError) -> SourceSnapshot {
        let outcome = reading.withLock { _ in
            do throws(SourceError) {
                return Result<_, SourceError>.success(try read(isPatient))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func read(_ isPatient: Bool) throws(SourceError) -> SourceSnapshot {
        let old = state.withLock { state in
            state.looks += 1
            return state
        }
        // Before reading: a change meanwhile makes another stamp, and is read the next time.
        let stamp = IndexStamp(store: path)
        let isSameIndex = stamp != nil && stamp == old.stamp
        if isSameIndex, let snapshot = old.snapshot,
            old.pause == 0 || isPatient && old.looks < old.pause
        {
            return snapshot
        }
        do throws(VariantStoreError) {
            let store = try StoreDirectory(opening: path)
            let index = try store.snapshot()
            let made = try VariantCatalogue(
                store, versions: versions, policy: trust?.policy, devices: devices)
            let snapshot = SourceSnapshot(
                revision: (old.snapshot?.revision ?? 0) + 1,
                catalogue: keeping(old.snapshot?.catalogue, in: made, index: index))
            // What changed may be nothing that is served.
            let isNews = old.snapshot.map { !isSame($0.catalogue, snapshot.catalogue) } ?? true
            let newest = isNews ? snapshot : old.snapshot ?? snapshot
            // With something left out the store may be on its way out or in: it is read again next time.
            let pause = isSameIndex ? min(old.pause * 2, Self.longestPause) : 1
            state.withLock {
                ($0.store, $0.snapshot, $0.stamp) = (store, newest, stamp)
                ($0.pause, $0.looks) = (made.refusals.isEmpty ? 0 : pause, 0)
            }
            return newest
        } catch {
            state.withLock { $0.failures += 1 }
            throw SourceError(
                code: .unavailable, place: path, detail: "\(error.code) \(error.detail)")
        }
    }

    /// A catalogue with what could not be read now and was read before: the digest says that it is the same.
    private func keeping(
        _ old: VariantCatalogue?, in made: VariantCatalogue, index: StoreSnapshot
    ) -> VariantCatalogue {
        guard let old, !made.refusals.isEmpty else { return made }
        let refused = Set(made.refusals.map(\.reference))
        let named = Dictionary(
            index.all.map { ($0.text, $0.digest.text) }, uniquingKeysWith: { one, _ in one })
        let present = Set(made.candidates.map(\.digest))
        let bases = Set(index.bases.map(\.digest.text))
        let kept = old.candidates.filter {
            guard !present.contains($0.digest) else { return false }
            return refused.contains($0.reference) && named[$0.reference] == $0.digest
                || $0.kind == .base && bases.contains($0.digest)
        }
        let keptNames = Set(kept.map(\.reference))
        return VariantCatalogue(
            made.candidates + kept, devices: made.devices.devices + old.devices.devices,
            refusals: made.refusals.filter { !keptNames.contains($0.reference) })
    }

    private func isSame(_ one: VariantCatalogue, _ other: VariantCatalogue) -> Bool {
        one.candidates == other.candidates && one.refusals == other.refusals
            && one.devices.devices == other.devices.devices
    }

    /// Opens a file, with its content and its signatures checked now.
    ///
    /// - Throws: ``SourceError``.
    func fetch(_ candidate: CandidateDescription) throws(SourceError) -> VariantFile {
        guard let digest = BlobDigest(candidate.digest) else {
            throw SourceError(code: .missing, place: candidate.digest, detail: "is no digest")
        }
        let blob: OpenBlob?
        do throws(VariantStoreError) { blob = try open(digest) } catch {
            throw SourceError(error, place: candidate.digest)
        }
        guard let blob else { throw SourceError(code: .untrusted, place: candidate.digest) }
        return try VariantFile(candidate, checked: blob)
    }

    /// nil if the policy refuses it.
    private func open(_ digest: BlobDigest) throws(VariantStoreError) -> OpenBlob? {
        let known = state.withLock { $0.store }
        let store = if let known { known } else { try StoreDirectory(opening: path) }
        if let policy = trust?.policy {
            guard policy.accepts(try store.verdict(on: digest, policy: policy)) else { return nil }
        }
        return try store.openWeights(ofArtifact: digest, lease: true)
    }
}

extension SourceError {
    /// What a store's refusal to hand out a file means.
    fileprivate init(_ error: VariantStoreError, place: String) {
        let code: Code =
            switch error.code {
            case .missingBlob, .noSuchDigest: .missing
            case .damagedBlob, .damagedArtifact, .tooLarge, .damaged: .damaged
            default: .unavailable
            }
        self.init(code: code, place: place, detail: "\(error.code) \(error.detail)")
    }
}
