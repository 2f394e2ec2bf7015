package import ArgumentParser
import Contexts
import Foundation
import OrderedJSON
import RuntimeAdapter
import VariantStore

/// `prune select`: which variant of a store a context gets.
package struct SelectCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "select",
        abstract: "Say which variant of a store a client gets, and why.",
        discussion: """
            prune select --model fashion-resnet --context device.class=phone-4g network.bandwidth-mbps=12 \
            network.round-trip-ms=70 deadline.load-ms=500 --explain

            The answer is the one that a server with RuntimeAdapter gives when it has learned nothing yet. The \
            status is 1 if nothing fits; what a server falls back on is printed all the same. docs/adapter.md \
            has the keys of a context.
            """)

    @OptionGroup var store: StoreOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The context: a file with JSON, and single keys, as deadline.load-ms=500.",
            valueName: "file|key=value"))
    var context: [String] = []

    @Option(help: "The model; the only one of the store by default.")
    var model: String?

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "A profile whose device is known too, with its latency table; may stand several times.",
            valueName: "file"), completion: .file(extensions: ["yaml"]))
    var profile: [String] = []

    @Option(help: "Choose among what has this tag, not among the newest of each line.")
    var tag: String?

    @Flag(help: "Choose among all versions, not among the newest of each line.")
    var all = false

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "A public key, as PEM, whose signatures count; may stand several times.",
            valueName: "file"), completion: .file(extensions: ["pem"]))
    var key: [String] = []

    @Flag(help: "Choose only what one of the keys has signed.")
    var requireSignature = false

    @Option(
        help: ArgumentHelp(
            "How many standard deviations a predicted time keeps away from its deadline.",
            valueName: "number"))
    var deviations = 1.0

    @Flag(help: "Show every candidate with its figures, and what speaks against it.")
    var explain = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        if all, tag != nil { throw ValidationError("Give --all or --tag, not both.") }
        guard deviations >= 0, deviations <= 10 else {
            throw ValidationError("--deviations must be from 0 to 10.")
        }
    }

    package func run() throws {
        var context = try ContextArguments(context).context
        if let model { context.model = model }
        let catalogue = try catalogue()
        try check(context.model, in: catalogue)
        let notes = Progress()
        for refusal in catalogue.refusals {
            notes.note(
                "note: \(refusal.reference) cannot be read and is left out: \(refusal.detail)")
        }
        let selector = VariantSelector(
            catalogue, options: SelectionOptions(deviations: deviations))
        let explanation = selector.explain(context)
        for issue in explanation.selection.issues { notes.note("note: \(issue)") }
        let report = SelectReport(
            explanation, store: try store.open().path, hasCandidates: explain)
        switch format {
        case .text: printLines(report.lines)
        case .json: print(report.json.text(indent: 2))
        }
        guard explanation.selection.step == .fits else {
            throw CommandFailure(.no, "\(explanation.selection.reason)")
        }
    }

    private func catalogue() throws -> VariantCatalogue {
        let devices = try profile.compactMap { path -> KnownDevice? in
            let file = try ProfileFile(path: path)
            return file.profile.device.map {
                KnownDevice(name: file.profile.name, device: $0, table: file.table)
            }
        }
        return try VariantCatalogue(
            store.open(), versions: all ? .all : tag.map { .tag($0) } ?? .latest,
            policy: policy(), devices: devices)
    }

    /// nil if signatures are not asked for.
    private func policy() throws -> SignaturePolicy? {
        if requireSignature, key.isEmpty {
            throw CommandFailure(
                .usage, "--require-signature: whose? Give public keys by --key")
        }
        guard !key.isEmpty else { return nil }
        return SignaturePolicy(
            keys: try key.map { path throws in try VerificationKey(readingFrom: path) },
            requiresSignature: requireSignature)
    }

    private func check(_ model: String?, in catalogue: VariantCatalogue) throws {
        let models = catalogue.models
        guard !models.isEmpty else {
            throw CommandFailure(.noInput, "the store has no variants to choose from")
        }
        guard let model else {
            guard models.count > 1 else { return }
            throw CommandFailure(
                .usage, "which model? Give --model: \(models.joined(separator: ", "))")
        }
        guard !models.contains(model) else { return }
        let near = Spelling.suggestion(for: model, among: models).map { [$0] } ?? models
        throw CommandFailure(
            .noInput,
            "--model \(model): the store has no variant of it; it has \(near.joined(separator: ", "))"
        )
    }
}
