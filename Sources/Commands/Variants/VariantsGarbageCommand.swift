import ArgumentParser
import OrderedJSON
import VariantStore

/// `prune variants gc`: removes what nobody needs.
struct VariantsGarbageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove what no name needs, and with --keep old versions.",
        discussion: """
            prune variants gc --keep 5 --dry-run

            What a tag names, what a reader holds and the newest versions stay.
            """)

    @OptionGroup var store: StoreOptions

    @Option(
        help: ArgumentHelp(
            "How many of the newest versions of each model and profile stay in any case; all by default.",
            valueName: "count"))
    var keep: Int?

    @Flag(help: "Say what would be removed, and remove nothing.")
    var dryRun = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    init() {}

    func run() throws {
        if let keep, keep < 1 {
            throw CommandFailure(.usage, "--keep \(keep): must be at least 1")
        }
        let report = try store.open().collectGarbage(keep: keep, dryRun: dryRun)
        switch format {
        case .text: printLines(Self.lines(report))
        case .json: print(Self.json(report).text(indent: 2))
        }
    }

    private static func lines(_ report: GarbageReport) -> [String] {
        let verb = report.isDryRun ? "Would remove" : "Removed"
        var lines = report.versions.map { "\(verb) \($0.text)." }
        lines += report.bases.map { "\(verb) \($0), which no variant needs." }
        func count(_ number: Int, _ one: String, _ many: String) -> String? {
            number == 0 ? nil : "\(number) \(number == 1 ? one : many)"
        }
        let others = [
            count(report.referrers, "measurement or signature", "measurements and signatures"),
            count(report.leftovers, "unfinished work", "unfinished works"),
            count(report.staleLeases, "lease of a dead reader", "leases of dead readers"),
        ].compactMap(\.self)
        if !others.isEmpty { lines.append("\(verb) \(others.joined(separator: ", ")).") }
        let blobs = count(report.blobs.count, "blob", "blobs")
        lines.append(
            blobs.map { "\(verb) \($0), \(Measure.bytes(report.byteCount))." }
                ?? "No blob to remove.")
        return lines
    }

    private static func json(_ report: GarbageReport) -> JSON {
        [
            "dry-run": .bool(report.isDryRun),
            "versions": .texts(report.versions.map(\.text)), "bases": .texts(report.bases),
            "referrers": .integer(report.referrers),
            "blobs": .texts(report.blobs.map(\.text)), "bytes": .integer(report.byteCount),
            "leftovers": .integer(report.leftovers),
            "stale-leases": .integer(report.staleLeases),
        ]
    }
}
