import Contexts

extension StoreSnapshot {
    /// The variant that a reference names.
    ///
    /// - Throws: ``VariantStoreError``: `noSuchVariant` with near names, `noSuchVersion`, `noSuchTag`,
    ///   `noSuchDigest`, `ambiguous`, or `notAVariant` for a base's name or digest.
    package func resolve(
        _ reference: VariantReference
    ) throws(VariantStoreError) -> VariantVersion {
        switch reference {
        case .version(let name, let number):
            let versions = try line(name, for: reference)
            guard let version = versions.first(where: { $0.number == number }) else {
                throw VariantStoreError(
                    .noSuchVersion(present: versions.map(\.number)), file: reference.text)
            }
            return version
        case .tag(let name, let tag):
            _ = try line(name, for: reference)
            guard let version = tagged(name, tag) else {
                throw VariantStoreError(.noSuchTag(present: tags(of: name)), file: reference.text)
            }
            return version
        case .base: throw VariantStoreError(.notAVariant, file: reference.text)
        case .digest(let prefix):
            let matches = all.filter { $0.digest.hexadecimal.hasPrefix(prefix) }
            guard let first = matches.first else {
                let isBase = bases.contains { $0.digest.hexadecimal.hasPrefix(prefix) }
                throw VariantStoreError(
                    isBase ? .notAVariant : .noSuchDigest, file: reference.text)
            }
            guard matches.allSatisfy({ $0.digest == first.digest }) else {
                throw VariantStoreError(
                    .ambiguous(matches: matches.prefix(8).map(\.text)), file: reference.text)
            }
            return first
        }
    }

    /// The manifest of the variant or base that a reference names.
    ///
    /// - Throws: ``VariantStoreError`` as ``resolve(_:)``, without `notAVariant`.
    package func digest(of reference: VariantReference) throws(VariantStoreError) -> BlobDigest {
        let matches: [Base]
        switch reference {
        case .version, .tag: return try resolve(reference).digest
        case .base(let model, let prefix):
            matches = bases.filter { $0.model == model && $0.prefix.hasPrefix(prefix) }
            if matches.isEmpty {
                let models = Set(bases.map(\.model)).sorted()
                let near = Spelling.suggestion(for: model, among: models)
                throw VariantStoreError(
                    .noSuchVariant(near: near.map { [$0] } ?? []), file: reference.text)
            }
        case .digest(let prefix):
            matches = bases.filter { $0.digest.hexadecimal.hasPrefix(prefix) }
            if matches.isEmpty { return try resolve(reference).digest }
        }
        guard let first = matches.first, matches.allSatisfy({ $0.digest == first.digest }) else {
            throw VariantStoreError(
                .ambiguous(matches: matches.prefix(8).map(\.text)), file: reference.text)
        }
        return first.digest
    }

    private func line(
        _ name: VariantName, for reference: VariantReference
    ) throws(VariantStoreError) -> [VariantVersion] {
        let versions = versions(of: name)
        guard versions.isEmpty else { return versions }
        var near = names.filter { $0.model == name.model || $0.profile == name.profile }.map(\.text)
        if let slip = Spelling.suggestion(for: name.text, among: names.map(\.text)) {
            near = [slip] + near.filter { $0 != slip }
        }
        throw VariantStoreError(
            .noSuchVariant(near: Array(near.prefix(3))), file: reference.text)
    }
}
