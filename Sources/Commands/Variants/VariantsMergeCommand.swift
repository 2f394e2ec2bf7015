import ArgumentParser
import VariantStore

/// `prune variants merge`: takes over other stores' variants.
struct VariantsMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract:
            "Take over the variants of other stores, such as those that shards of a job filled.",
        discussion: """
            prune variants merge --store variants shard-1 shard-2

            Bases, measurements and signatures come along. A variant that is there already is not taken twice; one \
            whose number is taken gets the next. Merging again changes nothing.
            """)

    @Argument(help: "The stores to take from.", completion: .directory)
    var sources: [String]

    @OptionGroup var store: StoreOptions

    @Flag(help: "Move tags that name something else here; latest always follows the newest.")
    var overwriteTags = false

    init() {}

    func run() throws {
        // All are opened first: a mistake in one is told before anything changes.
        let others = try sources.map { path throws in try StoreDirectory(opening: path) }
        let directory = try store.openOrCreate()
        for (path, other) in zip(sources, others) {
            let report = try directory.merge(from: other, overwritesTags: overwriteTags)
            printLines(Self.lines(report, source: path))
        }
    }

    private static func lines(_ report: MergeReport, source: String) -> [String] {
        func variants(_ count: Int) -> String { "\(count) \(count == 1 ? "variant" : "variants")" }
        var lines = [
            "\(source): \(variants(report.added.count)) new, \(report.present) there already."
        ]
        for step in report.added where step.source.number != step.version.number {
            lines.append("  \(step.source.text) became v\(step.version.number)")
        }
        for tag in report.tags { lines.append("  \(tag) set") }
        for tag in report.keptTags {
            lines.append("  \(tag) names something else here and stays; --overwrite-tags moves it")
        }
        return lines
    }
}
