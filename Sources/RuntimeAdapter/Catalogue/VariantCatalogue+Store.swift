import Contexts
import Foundation
package import VariantStore

/// Which versions of each line of variants a catalogue takes.
public enum VersionChoice: Sendable, Hashable {
    /// What the tag `latest` names, or the highest where nothing has it. Moving the tag rolls back.
    case latest
    /// What this tag names; lines without it are left out.
    case tag(String)
    /// Every version.
    case all
}

extension VariantCatalogue {
    /// What a store holds now.
    ///
    /// What cannot be read is left out and stands in ``refusals``; what the policy refuses stays, marked as
    /// refused, and is never selected. Devices are those of the variants' profiles, and `devices`
    /// before them.
    /// - Parameter policy: whose signatures count; nil accepts everything.
    /// - Throws: `VariantStoreError` if the store as a whole cannot be read.
    package convenience init(
        _ store: StoreDirectory, versions choice: VersionChoice = .latest,
        policy: SignaturePolicy? = nil, devices: [KnownDevice] = []
    ) throws(VariantStoreError) {
        let snapshot = try store.snapshot()
        var reader = StoreCatalogueReader(store: store, snapshot: snapshot, policy: policy)
        for version in Self.versions(choice, in: snapshot) { reader.read(version) }
        self.init(
            reader.candidates + reader.baseCandidates, devices: devices + reader.devices,
            refusals: reader.refusals)
    }

    private static func versions(
        _ choice: VersionChoice, in snapshot: StoreSnapshot
    ) -> [VariantVersion] {
        switch choice {
        case .all: snapshot.all
        case .tag(let tag): snapshot.names.compactMap { snapshot.tagged($0, tag) }
        case .latest:
            snapshot.names.compactMap {
                snapshot.tagged($0, VariantReference.latest) ?? snapshot.highestVersion(of: $0)
            }
        }
    }
}

/// Collects candidates from a store.
private struct StoreCatalogueReader {
    let store: StoreDirectory
    let snapshot: StoreSnapshot
    let policy: SignaturePolicy?
    var candidates: [CandidateDescription] = []
    var devices: [KnownDevice] = []
    var refusals: [ManifestError] = []
    /// By model and file: the base as its largest variant describes it.
    private var bases: [String: Base] = [:]

    private struct Base {
        var model: String
        var manifest: VariantManifest
        /// The accuracy on the most samples, whichever variant's manifest has it.
        var accuracy: AccuracyRecord?
    }

    init(store: StoreDirectory, snapshot: StoreSnapshot, policy: SignaturePolicy?) {
        self.store = store
        self.snapshot = snapshot
        self.policy = policy
    }

    mutating func read(_ version: VariantVersion) {
        do throws(VariantStoreError) {
            let manifest = try store.manifest(of: version)
            candidates.append(
                CandidateDescription(
                    manifest, model: version.name.model, reference: version.text,
                    digest: version.digest.text, trust: try trust(version.digest)))
            remember(manifest, of: version)
        } catch { refusals.append(ManifestError(error, reference: version.text)) }
    }

    private func trust(
        _ digest: BlobDigest
    ) throws(VariantStoreError) -> CandidateDescription.Trust {
        guard let policy else { return .accepted }
        return policy.accepts(try store.verdict(on: digest, policy: policy)) ? .accepted : .refused
    }

    private mutating func remember(_ manifest: VariantManifest, of version: VariantVersion) {
        if let device = manifest.profile.device {
            devices.append(KnownDevice(name: manifest.profile.name, device: device))
        }
        let key = "\(version.name.model) \(manifest.base.file.sha256)"
        guard var base = bases[key] else {
            bases[key] = Base(
                model: version.name.model, manifest: manifest, accuracy: manifest.accuracy)
            return
        }
        // The variant that is most like the base tells most about it.
        if manifest.variant.multiplyAdds > base.manifest.variant.multiplyAdds {
            base.manifest = manifest
        }
        if manifest.accuracy?.samples ?? 0 > base.accuracy?.samples ?? 0 {
            base.accuracy = manifest.accuracy
        }
        bases[key] = base
    }

    /// The bases that the store has, once for each family.
    var baseCandidates: [CandidateDescription] {
        bases.keys.sorted().compactMap { key in
            guard let base = bases[key] else { return nil }
            let file = base.manifest.base.file
            guard
                let stored = snapshot.bases.first(where: {
                    $0.model == base.model && file.sha256.hasPrefix($0.prefix)
                }), let trust = try? trust(stored.digest)
            else { return nil }
            var candidate = CandidateDescription(
                baseOf: base.manifest, model: base.model, reference: stored.text,
                digest: stored.digest.text, trust: trust)
            candidate.accuracy = base.accuracy?.before
            return candidate
        }
    }
}
