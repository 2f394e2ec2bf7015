import Contexts
import VariantStore

extension VariantFigures {
    /// What a manifest tells.
    ///
    /// - Parameter measured: milliseconds of one inference, before and after.
    init(_ manifest: VariantManifest, measured: (before: Double, after: Double)? = nil) {
        self.init(
            base: manifest.costs.before, costs: manifest.costs.after, accuracy: manifest.accuracy,
            agreement: manifest.agreement, measured: measured, lines: manifest.profile.budget,
            proofHolds: manifest.proof.holds)
    }
}

extension ProofRecord {
    /// Whether the networks are equal; nil if nobody tried.
    fileprivate var holds: Bool? {
        switch self {
        case .run(let result): result.holds
        case .notRun: nil
        }
    }
}

extension PublishedVariant {
    /// The tag of the version that others are held against.
    static let championTag = "champion"

    /// A version as a store holds it.
    ///
    /// - Throws: `VariantStoreError` for a version that cannot be read or is damaged.
    init(_ version: VariantVersion, in store: StoreDirectory) throws(VariantStoreError) {
        let measured = try store.measurements(of: version).first
        self.init(
            reference: version.text, version: version.number, digest: version.digest.text,
            figures: VariantFigures(
                try store.manifest(of: version),
                measured: measured.map { ($0.base.medianMs, $0.variant.medianMs) }))
    }
}
