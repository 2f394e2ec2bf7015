package import ArgumentParser

/// `prune variants`: what is in a store of variants, and what may be done with it.
package struct VariantsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "variants",
        abstract: "Look at, compare, name, check, sign and remove the variants in a store.",
        discussion: """
            A variant is called model/profile:v3; model/profile:champion by a tag; model/profile alone means the \
            newest. The beginning of its digest does too. docs/variants.md shows each command.
            """,
        subcommands: [
            VariantsListCommand.self, VariantsShowCommand.self, VariantsDiffCommand.self,
            VariantsExportCommand.self, VariantsTagCommand.self, VariantsUntagCommand.self,
            VariantsRecommendCommand.self, VariantsRemoveCommand.self,
            VariantsGarbageCommand.self, VariantsMergeCommand.self,
            VariantsVerifyCommand.self, VariantsSignCommand.self, VariantsKeygenCommand.self,
        ])

    package init() {}
}
