import ArgumentParser
import Contexts
import Foundation
import KerasFormat
import Planning
import VariantStore

/// The options that say into which store variants go.
struct PublishingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Publish the variants in this store, which is made if it is not there, in place of writing files.",
            valueName: "folder"), completion: .directory)
    var store: String?

    @Option(
        help: ArgumentHelp(
            "What the model is called in the store; its file's name by default.", valueName: "name")
    )
    var name: String?

    @Option(
        help: ArgumentHelp(
            "A tag for the versions that are published, beside latest; may be repeated.",
            valueName: "tag"))
    var tag: [String] = []

    @Option(
        help: ArgumentHelp(
            "Sign what is published with this private key, as prune variants keygen makes it.",
            valueName: "file"), completion: .file())
    var sign: String?

    init() {}

    func validate() throws {
        guard store == nil else { return }
        let stray = [("--name", name != nil), ("--tag", !tag.isEmpty), ("--sign", sign != nil)]
        if let option = stray.first(where: \.1)?.0 {
            throw ValidationError("\(option) says something about a store; give --store.")
        }
    }

    /// Opens the store, or makes it; nil if nothing is published.
    ///
    /// - Parameter model: the model's file.
    /// - Throws: ``CommandFailure`` for names that a store cannot have, `VariantStoreError` and what reading the key throws.
    func publisher(for model: String) throws -> VariantPublisher? {
        guard let store else { return nil }
        return VariantPublisher(
            store: try VariantPublisher.writableStore(at: store),
            model: name ?? VariantName.part(from: OutputOptions.stem(model)) ?? "model", tags: tag,
            signers: try sign.map { [try SigningKey(readingFrom: $0)] } ?? [])
    }
}

/// A store and what is said of all that is published there.
struct VariantPublisher {
    let store: StoreDirectory
    /// What the model is called there.
    let model: String
    var tags: [String] = []
    var signers: [SigningKey] = []

    /// A store that takes variants, made if it is not there; one that may only be read is found out before any work.
    ///
    /// - Throws: `VariantStoreError`.
    static func writableStore(at path: String) throws -> StoreDirectory {
        let store = try StoreDirectory.openOrCreate(at: path)
        _ = try store.makeWorkFolder()
        return store
    }

    /// Where the variant of a context goes.
    ///
    /// - Parameters:
    ///   - profile: the profile's name in the store, with the setting's if there is one.
    ///   - ending: of the variant's file.
    ///   - plan: the file of a plan that is carried out in place of planning.
    func destination(
        for context: PruningContext, as profile: String? = nil, on bench: Bench, ending: String,
        plan: String? = nil
    ) throws -> StoreDestination {
        let profile = profile ?? context.profile.name
        let file = "\(model).\(profile)\(ending)"
        return StoreDestination(
            store: store, name: try VariantName(model: model, profile: profile),
            folder: try store.makeWorkFolder(), file: file,
            inputs: try VariantInputs(bench, context, file: file, plan: plan).digest(),
            base: bench.workshop.base.file, tags: tags, signers: signers)
    }
}
