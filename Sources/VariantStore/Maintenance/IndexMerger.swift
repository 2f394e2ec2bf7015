/// Brings the entries of one index into another one.
struct IndexMerger {
    private let source: StoreIndex
    private(set) var index: StoreIndex
    private let overwritesTags: Bool
    private(set) var report = MergeReport()
    /// Where the entry of each name stands; looking through all for each would take the square of them.
    private var positions: [String: Int] = [:]
    private var present: Set<BlobDigest> = []

    init(from source: StoreIndex, into index: StoreIndex, overwritesTags: Bool) {
        self.source = source
        self.index = index
        self.overwritesTags = overwritesTags
        for (position, entry) in index.entries.enumerated() {
            if let name = entry.referenceName { positions[name] = position }
            if let digest = entry.digest { present.insert(digest) }
        }
    }

    mutating func run() {
        addBases()
        let theirs = StoreSnapshot(source)
        let ours = StoreSnapshot(index)
        var named: [String: IndexEntry] = [:]
        for entry in source.entries {
            if let name = entry.referenceName { named[name] = entry }
        }
        for name in theirs.names {
            var line = Line(highest: index.highestVersions[name.text] ?? 0)
            for version in ours.versions(of: name) {
                guard let position = positions[version.text] else { continue }
                line.add(index.entries[position], version.number)
            }
            let before = line.highest
            for version in theirs.versions(of: name) {
                if let entry = named[version.text] { add(version, entry, to: &line) }
            }
            let used = source.highestVersions[name.text] ?? 0
            let highest = max(used, line.highest)
            index.highestVersions[name.text] = highest > line.last ? highest : nil
            moveTags(of: name, from: theirs, line: line)
            if line.highest > before, let last = line.lastEntry {
                tag(last, as: .tag(name, VariantReference.latest))
            }
        }
        addReferrers()
    }

    /// What a line of the target has.
    private struct Line {
        var entries: [BlobDigest: IndexEntry] = [:]
        /// Ever used.
        var highest: Int
        /// The highest that is there.
        var last = 0
        var lastEntry: IndexEntry?

        init(highest: Int) { self.highest = highest }

        mutating func add(_ entry: IndexEntry, _ number: Int) {
            if let digest = entry.digest { entries[digest] = entry }
            highest = max(highest, number)
            if number > last { (last, lastEntry) = (number, entry) }
        }
    }

    private mutating func put(_ entry: IndexEntry) {
        if let digest = entry.digest { present.insert(digest) }
        if let name = entry.referenceName {
            if let position = positions[name] {
                index.entries[position] = entry
                return
            }
            positions[name] = index.entries.count
        }
        index.entries.append(entry)
    }

    private mutating func addBases() {
        for entry in source.entries {
            guard case .base(let model, let prefix)? = entry.reference,
                let descriptor = entry.descriptor, !present.contains(descriptor.digest)
            else { continue }
            var name = VariantReference.base(model: model, prefix: prefix).text
            if positions[name] != nil {
                // Another file of the same name: the artifact's own digest is no other's.
                name = "\(model):base-\(descriptor.digest.hexadecimal)"
            }
            if let renamed = entry.renamed(name) { put(renamed) }
        }
    }

    private mutating func add(
        _ version: VariantVersion, _ entry: IndexEntry, to line: inout Line
    ) {
        if line.entries[version.digest] != nil {
            report.present += 1
            return
        }
        guard var descriptor = entry.descriptor else { return }
        let number = version.number > line.highest ? version.number : line.highest + 1
        let added = VariantVersion(name: version.name, number: number, digest: version.digest)
        descriptor.annotations[OCI.referenceName] = added.text
        descriptor.annotations[Annotation.inputs] = entry.inputs
        descriptor.annotations[Annotation.base] = entry.base?.hexadecimal
        let new = IndexEntry(descriptor)
        put(new)
        line.add(new, number)
        report.added.append(MergeReport.Step(source: version, version: added))
    }

    private mutating func tag(_ entry: IndexEntry, as reference: VariantReference) {
        if let tagged = entry.renamed(reference.text) { put(tagged) }
    }

    private mutating func moveTags(of name: VariantName, from theirs: StoreSnapshot, line: Line) {
        for tag in theirs.tags(of: name) where tag != VariantReference.latest {
            guard let target = theirs.tagged(name, tag), let entry = line.entries[target.digest]
            else { continue }
            let reference = VariantReference.tag(name, tag)
            let here = positions[reference.text].flatMap { index.entries[$0].digest }
            if here == target.digest { continue }
            guard here == nil || overwritesTags else {
                report.keptTags.append(reference.text)
                continue
            }
            self.tag(entry, as: reference)
            report.tags.append(reference.text)
        }
    }

    private mutating func addReferrers() {
        // An artifact about an artifact about a variant comes once that one is there.
        var waiting = source.entries.filter { $0.referenceName == nil && $0.subject != nil }
        while true {
            var later: [IndexEntry] = []
            for entry in waiting {
                guard var descriptor = entry.descriptor, let subject = entry.subject,
                    !present.contains(descriptor.digest)
                else { continue }
                if present.contains(subject) {
                    descriptor.annotations = [Annotation.subject: subject.text]
                    put(IndexEntry(descriptor))
                    report.referrers += 1
                } else {
                    later.append(entry)
                }
            }
            if later.count == waiting.count || later.isEmpty { return }
            waiting = later
        }
    }
}
