import ArgumentParser
import VariantStore

/// `prune variants tag`: gives a variant a name.
struct VariantsTagCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Make a tag name a variant; one that names another moves in one step.",
        discussion: """
            prune variants tag fashion-resnet/phone-4g:v3 champion

            Tags may be anything but a version (v3) or a base (base-…). Pruning moves latest to each new variant.
            """)

    @Argument(help: ArgumentHelp("The variant.", valueName: "variant"))
    var reference: String

    @Argument(help: "The tag.")
    var tag: String

    @OptionGroup var store: StoreOptions

    init() {}

    func run() throws {
        let directory = try store.open()
        let version = try directory.variant(reference)
        let old = try directory.snapshot().tagged(version.name, tag)
        try directory.tag(version, as: tag)
        let note = old.map { $0 == version ? " already" : ", in place of v\($0.number)" } ?? ""
        print("\(version.name.text):\(tag) is \(version.text)\(note).")
    }
}

/// `prune variants untag`: takes a name away.
struct VariantsUntagCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "untag",
        abstract: "Take a tag away; the variant stays.",
        discussion: "prune variants untag fashion-resnet/phone-4g champion")

    @Argument(help: "The line of versions, as model/profile.")
    var name: String

    @Argument(help: "The tag.")
    var tag: String

    @OptionGroup var store: StoreOptions

    init() {}

    func run() throws {
        let name = try VariantName(parsing: name)
        try store.open().untag(name, tag: tag)
        print("\(name.text):\(tag) is gone.")
    }
}
