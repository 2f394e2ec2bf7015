import ArgumentParser
import Contexts
import Foundation
import OrderedJSON
import VariantStore

/// `prune variants list`: the variants in a store.
struct VariantsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List variants: of each model and profile the newest, or all.",
        discussion: """
            prune variants list 'fashion-*/phone-*' --all

            Inference is the time that was predicted in the profile's own context. Signatures are counted, not \
            checked: prune variants verify does that.
            """)

    @Argument(help: "Names as model/profile; * and ? stand for any characters.")
    var names: [String] = []

    @OptionGroup var store: StoreOptions

    @Option(help: "Only of this model; * and ? as above.")
    var model: String?

    @Option(help: "Only for this profile, whatever the settings behind a +; * and ? as above.")
    var profile: String?

    @Option(help: "Only what has this tag.")
    var tag: String?

    @Flag(help: "Every version, not the newest alone.")
    var all = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    init() {}

    func run() throws {
        let directory = try store.open()
        let snapshot = try directory.snapshot()
        let listings = try versions(in: snapshot).map {
            try VariantListing($0, in: directory, snapshot: snapshot)
        }
        switch format {
        case .text:
            guard !listings.isEmpty else {
                return Progress().note(
                    isFiltered ? "No variant fits." : "The store has no variants.")
            }
            printLines(VariantListing.lines(listings))
        case .json:
            let json: JSON = [
                "store": .string(directory.path),
                "variants": .array(listings.map(\.json)),
            ]
            print(json.text(indent: 2))
        }
    }

    private var isFiltered: Bool {
        !names.isEmpty || model != nil || profile != nil || tag != nil
    }

    /// Those that fit, by name, the newest first.
    private func versions(in snapshot: StoreSnapshot) throws -> [VariantVersion] {
        for name in names where !name.contains(where: { "*?".contains($0) }) {
            let name = try VariantName(parsing: name)
            guard snapshot.versions(of: name).isEmpty else { continue }
            // A name that is spelled out and not there is a mistake, and gets the nearest ones.
            _ = try snapshot.resolve(.tag(name, VariantReference.latest))
        }
        return snapshot.names.filter(fits).flatMap { name in
            let versions = snapshot.versions(of: name).reversed()
            if let tag {
                return versions.filter { snapshot.tags(of: $0).contains(tag) }
            }
            guard !all else { return Array(versions) }
            let head = snapshot.tagged(name, VariantReference.latest)
            return [head ?? versions.first].compactMap(\.self)
        }
    }

    private func fits(_ name: VariantName) -> Bool {
        func matches(_ pattern: String, _ texts: String...) -> Bool {
            texts.contains { GlobPattern(pattern).matches($0) }
        }
        let plain = name.profile.split(separator: "+").first.map(String.init) ?? name.profile
        return (names.isEmpty || names.contains { matches($0, name.text) })
            && (model.map { matches($0, name.model) } ?? true)
            && (profile.map { matches($0, name.profile, plain) } ?? true)
    }
}
