/// What a store took over from another one.
package struct MergeReport: Sendable, Equatable {
    /// A version that came, and what it is now.
    package struct Step: Sendable, Equatable {
        package let source: VariantVersion
        package let version: VariantVersion

        package init(source: VariantVersion, version: VariantVersion) {
            self.source = source
            self.version = version
        }
    }

    package var added: [Step] = []
    /// Versions that were there already.
    package var present = 0
    /// Tags that were set or moved, as references; `latest` is not among them.
    package var tags: [String] = []
    /// Tags that name something else here and stayed, as references.
    package var keptTags: [String] = []
    /// Measurements and signatures that came.
    package var referrers = 0

    package init() {}
}
