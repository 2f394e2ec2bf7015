import KerasFormat
import VariantStore

/// A line of a store: a variant that is delivered becomes its next version.
struct StoreDestination: VariantDestination {
    let store: StoreDirectory
    let name: VariantName
    /// Where the variant's file is written; in the store's own file system.
    let folder: WorkFolder
    /// The name of the variant's file.
    let file: String
    /// What the variant is made from; see ``VariantInputs``.
    let inputs: String
    /// The base's file.
    let base: String
    /// What is said of a version beside `latest`.
    var tags: [String] = []
    /// Who signs it.
    var signers: [SigningKey] = []

    var path: String { "\(folder.path)/\(file)" }

    // Nobody else writes into the folder.
    var overwrites: Bool { true }

    func deliver(_ finished: FinishedVariant) throws -> Delivery {
        try finished.variant.file.commit()
        let published = try store.publish(
            VariantPublication(
                name: name, manifest: finished.manifest, weights: path, base: base, inputs: inputs,
                measurement: finished.latency.map { .here(before: $0.before, after: $0.after) },
                tags: tags, signers: signers))
        return .version(published.version, isNew: published.isNew)
    }
}
