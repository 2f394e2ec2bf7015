/// What a person or an index calls a variant or a base.
package enum VariantReference: Hashable, Sendable {
    /// `model/profile:v3`
    case version(VariantName, Int)
    /// `model/profile:champion`; `model/profile` alone means `latest`.
    case tag(VariantName, String)
    /// `model:base-0123456789ab`: the beginning of the file's digest.
    case base(model: String, prefix: String)
    /// `sha256:` and digits, or at least seven digits: the beginning of a manifest's digest.
    case digest(prefix: String)

    /// The tag that follows the newest publication.
    package static let latest = "latest"

    /// - Throws: ``VariantStoreError`` with `badName`.
    package init(parsing text: String) throws(VariantStoreError) {
        guard let reference = Self.read(text) else { throw VariantStoreError(.badName, file: text) }
        self = reference
    }

    /// The reference that an index holds under `org.opencontainers.image.ref.name`; nil for others'.
    package init?(indexName text: String) {
        switch Self.read(text) {
        case .version(let name, let number)?: self = .version(name, number)
        case .tag(let name, let tag)? where text.contains(":"): self = .tag(name, tag)
        case .base(let model, let prefix)?: self = .base(model: model, prefix: prefix)
        default: return nil
        }
    }

    private static func read(_ text: String) -> VariantReference? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts[0] == "sha256", parts.count == 2 { return digest(parts[1], atLeast: 1) }
        guard parts[0].contains("/") else {
            guard parts.count == 2 else { return digest(parts[0], atLeast: 7) }
            let prefix = parts[1].dropFirst(5)
            guard VariantName.isPart(parts[0]), parts[1].hasPrefix("base-"), isHexadecimal(prefix)
            else { return nil }
            return .base(model: String(parts[0]), prefix: String(prefix))
        }
        guard let name = try? VariantName(parsing: String(parts[0])) else { return nil }
        guard parts.count == 2 else { return .tag(name, latest) }
        if let number = versionNumber(parts[1]) { return .version(name, number) }
        return isTag(parts[1]) ? .tag(name, String(parts[1])) : nil
    }

    private static func digest(_ text: Substring, atLeast count: Int) -> VariantReference? {
        guard text.utf8.count >= count, isHexadecimal(text) else { return nil }
        return .digest(prefix: String(text))
    }

    private static func isHexadecimal(_ text: Substring) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// The number of `v3`; nil for anything else, and for numbers with leading zeros.
    static func versionNumber(_ text: some StringProtocol) -> Int? {
        guard text.utf8.first == UInt8(ascii: "v"), text.utf8.count <= 16 else { return nil }
        let digits = text.dropFirst()
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }),
            digits.utf8.first != UInt8(ascii: "0")
        else { return nil }
        return Int(digits)
    }

    /// Whether a text may be a tag: a name's part that is neither a version nor a base.
    package static func isTag(_ text: some StringProtocol) -> Bool {
        guard VariantName.isPart(text), !text.hasPrefix("base-") else { return false }
        return text.utf8.first != UInt8(ascii: "v")
            || !text.utf8.dropFirst().allSatisfy { (48...57).contains($0) }
    }

    /// As ``init(parsing:)`` reads it.
    package var text: String {
        switch self {
        case .version(let name, let number): "\(name.text):v\(number)"
        case .tag(let name, let tag): "\(name.text):\(tag)"
        case .base(let model, let prefix): "\(model):base-\(prefix)"
        case .digest(let prefix): "sha256:\(prefix)"
        }
    }
}

extension VariantReference: CustomStringConvertible {
    package var description: String { text }
}
