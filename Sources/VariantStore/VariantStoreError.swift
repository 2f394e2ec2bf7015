/// Why a manifest cannot be read, and where.
package struct VariantStoreError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The operating system refused; `errno` says why (2: no such file).
        case unreadable(errno: Int32)
        /// Larger than any manifest is.
        case tooLarge(limit: Int)
        /// Something else than a variant's manifest.
        case notAManifest
        /// Made by a later version, whose schema this one does not know.
        case tooNew(schema: Int)
        /// Made by an earlier version, whose schema is not read any more.
        case tooOld(schema: Int)
        /// A manifest whose content is cut short or contradicts itself.
        case damaged
    }

    package var code: Code
    /// The file as it was named.
    package var file: String
    /// The keys on the way to the fault, joined by `.`; empty for the whole.
    package var key: String
    /// What is wrong there, where the code does not say it all.
    package var detail: String

    package init(_ code: Code, file: String, key: String = "", detail: String = "") {
        self.code = code
        self.file = file
        self.key = key
        self.detail = detail
    }
}
