import ArgumentParser
import Contexts
import Foundation
import OrderedJSON
import RuntimeAdapter
import VariantStore

/// `prune variants recommend`: which variants to keep, and what to prune next.
struct VariantsRecommendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend",
        abstract: "Say which variants to keep for the contexts seen, and what to prune next.",
        discussion: """
            prune variants recommend --contexts contexts.jsonl --count 6 --write-profiles next

            The contexts are those of clients, one JSON document a line, with how often each was seen as "count"; or \
            what a server with RuntimeAdapter has counted, by --observations. Nothing is removed: prune variants \
            remove does that. What a tag names (latest too) or a reader holds is kept, unless --may-drop says \
            otherwise. docs/variants.md explains the answer.
            """)

    @OptionGroup var store: StoreOptions

    @Option(help: "Only this model's variants and contexts; all by default.")
    var model: String?

    @Option(
        help: ArgumentHelp(
            "Contexts as JSON, one a line, each with a count if it stands for several requests.",
            valueName: "file"), completion: .file(extensions: ["jsonl", "json"]))
    var contexts: String?

    @Option(
        help: ArgumentHelp(
            "Contexts and learned times as RuntimeAdapter's observation stores export them.",
            valueName: "file"), completion: .file(extensions: ["json"]))
    var observations: String?

    @Option(
        help: ArgumentHelp(
            "The most variants to keep, bases not counted; no limit by default.",
            valueName: "number"))
    var count: Int?

    @Option(
        help: ArgumentHelp(
            "The most that their files may take, as 20MiB; no limit by default.",
            valueName: "size"))
    var bytes: ByteCount?

    @Option(
        help: ArgumentHelp(
            "A tag that keeps nothing here, such as latest; may stand several times.",
            valueName: "tag"))
    var mayDrop: [String] = []

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "A profile whose device is known too, with its latency table; may stand several times.",
            valueName: "file"), completion: .file(extensions: ["yaml"]))
    var profile: [String] = []

    @Option(
        help: ArgumentHelp(
            "The most profiles to propose for what nothing serves.", valueName: "number"))
    var proposals = 3

    @Option(
        help: ArgumentHelp(
            "Write the proposed profiles into this folder.", valueName: "folder"),
        completion: .directory)
    var writeProfiles: String?

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    init() {}

    func validate() throws {
        if (contexts == nil) == (observations == nil) {
            throw ValidationError("Give --contexts or --observations: what clients ask for.")
        }
        if let count, count < 0 { throw ValidationError("--count must be 0 or more.") }
        guard (0...100).contains(proposals) else {
            throw ValidationError("--proposals must be from 0 to 100.")
        }
    }

    func run() throws {
        let directory = try store.open()
        let shelf = try StoreShelf(
            directory, model: model, mayDrop: Set(mayDrop),
            devices: try profile.compactMap(Self.device))
        let notes = Progress()
        for refusal in shelf.catalogue.refusals {
            notes.note(
                "note: \(refusal.reference) cannot be read and is left out: \(refusal.detail)")
        }
        let seen = try seen(in: shelf.catalogue)
        for note in seen.notes { notes.note("note: \(note)") }
        let selector = VariantSelector(
            shelf.catalogue, model: PerformanceModel(state: seen.performance))
        let choice = selector.family(
            for: seen.contexts, within: FamilyBudget(count: count, bytes: bytes?.value),
            staying: Set(shelf.holds.keys))
        let proposed = selector.proposals(for: seen.contexts, atMost: proposals)
        let files = try writeProfiles.map {
            try ProposedProfile.write(proposed.proposals, into: $0)
        }
        let report = RecommendReport(
            choice, proposed, holds: shelf.holds, store: directory.path, count: count,
            bytes: bytes?.value, files: files)
        switch format {
        case .text: printLines(report.lines)
        case .json: print(report.json.text(indent: 2))
        }
        guard choice.isWithinBudget else {
            throw CommandFailure(
                .no,
                "what stays in any case is more than the budget: take tags away, or name some by --may-drop"
            )
        }
    }

    private static func device(_ path: String) throws -> KnownDevice? {
        let file = try ProfileFile(path: path)
        return file.profile.device.map {
            KnownDevice(name: file.profile.name, device: $0, table: file.table)
        }
    }

    private func seen(in catalogue: VariantCatalogue) throws -> SeenContexts {
        if let contexts {
            return try SeenContexts(log: contexts, model: model, catalogue: catalogue)
        }
        return try SeenContexts(
            observations: observations ?? "", model: model, catalogue: catalogue)
    }
}

/// A size on the command line: bytes, or with KiB, MiB or GiB behind it.
struct ByteCount: ExpressibleByArgument {
    let value: Int

    init?(argument: String) {
        let units = [("KiB", 1024.0), ("MiB", 1_048_576.0), ("GiB", 1_073_741_824.0), ("B", 1.0)]
        let unit = units.first { argument.hasSuffix($0.0) }
        let digits = argument.dropLast(unit?.0.count ?? 0)
        guard let number = Double(digits.trimmingCharacters(in: .whitespaces)), number >= 0,
            number * (unit?.1 ?? 1) < 0x1p62
        else { return nil }
        value = Int(number * (unit?.1 ?? 1))
    }
}
