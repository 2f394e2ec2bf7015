/// What people call a kind of document, and how large it may be.
package struct DocumentKind: Sendable, Equatable {
    /// As in "a profile is …".
    package let noun: String
    /// What the document cannot be without, such as `schema, name and budget`.
    package let essentials: String
    /// What stands inside of what, such as `sections, keys, and nothing below`.
    package let structure: String
    /// The page that describes the format.
    package let documentation: String
    /// The version of the format that this code reads.
    package let schema: Int
    /// More bytes than any such document needs, little enough that no input keeps the parser busy.
    package let maximumBytes: Int

    package init(
        noun: String, essentials: String, structure: String, documentation: String,
        schema: Int = 1, maximumBytes: Int = 1 << 20
    ) {
        self.noun = noun
        self.essentials = essentials
        self.structure = structure
        self.documentation = documentation
        self.schema = schema
        self.maximumBytes = maximumBytes
    }

    /// `pruning-profiles/*.yaml`.
    package static let profile = DocumentKind(
        noun: "profile", essentials: "schema, name and budget",
        structure: "sections, keys, and nothing below", documentation: "docs/profiles.md",
        schema: Profile.currentSchema)
}
