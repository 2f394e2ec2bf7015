import Contexts
import RuntimeAdapter
import VariantStore

/// All versions of a store, and what keeps some of them there.
struct StoreShelf {
    let catalogue: VariantCatalogue
    /// By digest, what keeps a version: its tags, and `leased` if a reader holds it.
    let holds: [String: [String]]

    /// What a reader's hold is called among tags; no tag can be called so.
    static let leased = "(in use)"

    /// - Parameters:
    ///   - model: the only one that counts; nil for all.
    ///   - mayDrop: tags that keep nothing.
    /// - Throws: ``CommandFailure`` if there is no such model or nothing at all; `VariantStoreError`.
    init(
        _ store: StoreDirectory, model: String?, mayDrop: Set<String>, devices: [KnownDevice]
    ) throws {
        let all = try VariantCatalogue(store, versions: .all, devices: devices)
        guard !all.models.isEmpty else {
            throw CommandFailure(.noInput, "the store has no variants to choose from")
        }
        if let model {
            guard all.models.contains(model) else {
                let near =
                    Spelling.suggestion(for: model, among: all.models).map { [$0] } ?? all.models
                throw CommandFailure(
                    .noInput,
                    "--model \(model): the store has no variant of it; it has \(near.joined(separator: ", "))"
                )
            }
            catalogue = VariantCatalogue(
                all.candidates.filter { $0.model == model }, devices: all.devices.devices,
                refusals: all.refusals)
        } else {
            catalogue = all
        }
        let snapshot = try store.snapshot()
        let leases = try store.leasedDigests()
        var holds: [String: [String]] = [:]
        for version in snapshot.all {
            var names = snapshot.tags(of: version).filter { !mayDrop.contains($0) }
            if leases.contains(version.digest) { names.append(Self.leased) }
            if !names.isEmpty { holds[version.digest.text, default: []] += names }
        }
        self.holds = holds
    }
}
