extension StoreIndex {
    /// The entry of a name; nil if there is none.
    func entry(named name: String) -> IndexEntry? {
        entries.first { $0.referenceName == name }
    }

    /// The versions of a line, as they stand.
    func versions(of name: VariantName) -> [(number: Int, entry: IndexEntry)] {
        entries.compactMap { entry in
            guard case .version(let line, let number)? = entry.reference, line == name else {
                return nil
            }
            return (number, entry)
        }
    }

    /// The highest number ever used on a line; 0 if none was.
    func highestVersion(of name: VariantName) -> Int {
        let present = versions(of: name).map(\.number).max() ?? 0
        return max(present, highestVersions[name.text] ?? 0)
    }

    /// Puts an entry in the place of the one with the same name, or behind all others.
    mutating func put(_ entry: IndexEntry) {
        if let name = entry.referenceName,
            let index = entries.firstIndex(where: { $0.referenceName == name })
        {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
    }

    /// Adds an artifact that speaks of another one, once.
    ///
    /// - Returns: whether it was not there.
    @discardableResult
    mutating func putReferrer(_ descriptor: BlobDescriptor, of subject: BlobDigest) -> Bool {
        let isThere = entries.contains {
            $0.digest == descriptor.digest && $0.referenceName == nil
        }
        guard !isThere else { return false }
        var descriptor = descriptor
        descriptor.annotations = [Annotation.subject: subject.text]
        entries.append(IndexEntry(descriptor))
        return true
    }

    /// Adds a version and moves `latest` to it.
    mutating func add(_ version: VariantVersion, descriptor: BlobDescriptor) {
        var descriptor = descriptor
        descriptor.annotations[OCI.referenceName] = version.text
        entries.append(IndexEntry(descriptor))
        if let highest = highestVersions[version.name.text], highest <= version.number {
            highestVersions[version.name.text] = nil
        }
    }

    /// Makes a tag name a version; one of the same name moves.
    mutating func tag(_ version: VariantVersion, as tag: String) {
        guard let entry = entry(named: version.text),
            let tagged = entry.renamed("\(version.name.text):\(tag)")
        else { return }
        put(tagged)
    }

    /// The tags of a line and the artifacts that they name.
    func tags(of name: VariantName) -> [String: BlobDigest] {
        var tags: [String: BlobDigest] = [:]
        for entry in entries {
            guard case .tag(let line, let tag)? = entry.reference, line == name else { continue }
            tags[tag] = entry.digest
        }
        return tags
    }

    /// Takes versions out, with the tags that name them; `latest` moves to the highest one left.
    mutating func remove(_ versions: Set<VariantVersion>) {
        let digests = Dictionary(grouping: versions, by: \.name).mapValues { line in
            Set(line.map(\.digest))
        }
        for name in digests.keys {
            let highest = highestVersion(of: name)
            highestVersions[name.text] = highest
        }
        var losesLatest: Set<VariantName> = []
        entries.removeAll { entry in
            switch entry.reference {
            case .version(let name, let number)?:
                guard let digest = entry.digest else { return false }
                return versions.contains(
                    VariantVersion(name: name, number: number, digest: digest))
            case .tag(let name, let tag)?:
                guard let digest = entry.digest, digests[name]?.contains(digest) == true else {
                    return false
                }
                if tag == VariantReference.latest { losesLatest.insert(name) }
                return true
            default: return false
            }
        }
        for name in digests.keys {
            let left = self.versions(of: name).max { $0.number < $1.number }
            if let left, left.number == highestVersions[name.text] {
                highestVersions[name.text] = nil
            }
            guard losesLatest.contains(name), let left, let digest = left.entry.digest else {
                continue
            }
            let version = VariantVersion(name: name, number: left.number, digest: digest)
            tag(version, as: VariantReference.latest)
        }
    }
}
