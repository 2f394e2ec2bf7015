import Contexts

/// One state of a store's index: what is in the store, under which names.
///
/// A value: what happens in the store later does not change it. Blobs that it names may be gone by then;
/// reading them says so.
package struct StoreSnapshot: Sendable {
    /// One line of versions.
    private struct Line {
        /// Ascending.
        var versions: [VariantVersion] = []
        var tags: [String: BlobDigest] = [:]
        var inputs: [String: VariantVersion] = [:]
    }

    /// A model that variants come from.
    package struct Base: Hashable, Sendable {
        package let model: String
        /// Of the artifact's manifest.
        package let digest: BlobDigest
        /// Of the file, as far as the reference says it.
        package let prefix: String

        /// `model:base-0123456789ab`.
        package var text: String { "\(model):base-\(prefix)" }
    }

    /// The lines' names, sorted.
    package let names: [VariantName]
    /// By model and prefix.
    package let bases: [Base]
    private let lines: [VariantName: Line]
    private let referring: [BlobDigest: [BlobDescriptor]]
    private let baseFiles: [BlobDigest: String]
    let index: StoreIndex

    init(_ index: StoreIndex) {
        self.index = index
        var lines: [VariantName: Line] = [:]
        var bases: [Base] = []
        var referring: [BlobDigest: [BlobDescriptor]] = [:]
        var baseFiles: [BlobDigest: String] = [:]
        for entry in index.entries {
            guard let digest = entry.digest else { continue }
            switch entry.reference {
            case .version(let name, let number)?:
                let version = VariantVersion(name: name, number: number, digest: digest)
                lines[name, default: Line()].versions.append(version)
                if let inputs = entry.inputs,
                    lines[name]?.inputs[inputs]?.number ?? 0 < number
                {
                    lines[name]?.inputs[inputs] = version
                }
                if let base = entry.base { baseFiles[digest] = base.hexadecimal }
            case .tag(let name, let tag)?: lines[name, default: Line()].tags[tag] = digest
            case .base(let model, let prefix)?:
                bases.append(Base(model: model, digest: digest, prefix: prefix))
            case .digest?, nil:
                if let subject = entry.subject, let descriptor = entry.descriptor {
                    referring[subject, default: []].append(descriptor)
                }
            }
        }
        for name in lines.keys { lines[name]?.versions.sort { $0.number < $1.number } }
        // A line of tags alone has no variants.
        self.lines = lines.filter { !$0.value.versions.isEmpty }
        names = self.lines.keys.sorted()
        self.bases = bases.sorted { $0.text < $1.text }
        self.referring = referring
        self.baseFiles = baseFiles
    }

    /// The versions of a line, ascending; none if there is no such line.
    package func versions(of name: VariantName) -> [VariantVersion] { lines[name]?.versions ?? [] }

    /// The highest version of a line; nil if there is no such line.
    package func highestVersion(of name: VariantName) -> VariantVersion? {
        lines[name]?.versions.last
    }

    /// The tags that name a version, sorted.
    package func tags(of version: VariantVersion) -> [String] {
        guard let line = lines[version.name] else { return [] }
        return line.tags.filter { $0.value == version.digest }.keys.sorted()
    }

    /// All tags of a line, sorted.
    package func tags(of name: VariantName) -> [String] { lines[name]?.tags.keys.sorted() ?? [] }

    /// The version that a tag names; nil if none has it.
    package func tagged(_ name: VariantName, _ tag: String) -> VariantVersion? {
        guard let line = lines[name], let digest = line.tags[tag] else { return nil }
        return line.versions.last { $0.digest == digest }
    }

    /// The highest version of a line that was made from these inputs; nil if none was.
    package func version(withInputs inputs: String, on name: VariantName) -> VariantVersion? {
        lines[name]?.inputs[inputs]
    }

    /// All versions of all lines, by name and number.
    package var all: [VariantVersion] { names.flatMap { lines[$0]?.versions ?? [] } }

    /// The versions for a profile, of all models; with `+` and a setting for that setting alone.
    package func find(profile: String) -> [VariantVersion] {
        names.filter {
            $0.profile == profile || $0.profile.hasPrefix(profile + "+")
        }.flatMap { lines[$0]?.versions ?? [] }
    }

    /// The artifacts that speak of another one: measurements and signatures, as they came.
    package func referrers(of digest: BlobDigest) -> [BlobDescriptor] { referring[digest] ?? [] }

    /// SHA-256 of the file that a version was pruned from, 64 digits; nil if the index does not say it.
    package func baseSHA256(of version: VariantVersion) -> String? { baseFiles[version.digest] }
}
