import Foundation

extension StoreDirectory {
    /// Removes what nobody needs: old versions, blobs without a name, what writers that died left behind.
    ///
    /// A version stays if a tag names it (`latest` too), a reader leases it, or it is one of the `keep`
    /// highest of its line. Blobs that another tool is just writing, and has not yet named in the index, may go.
    /// - Parameters:
    ///   - keep: how many versions of each line stay in any case; nil for all.
    ///   - dryRun: whether to say only what would be done.
    /// - Throws: ``VariantStoreError``; a manifest that is missing or damaged stops the collection before it
    ///   removes anything, since what that needs is not known.
    package func collectGarbage(
        keep: Int? = nil, dryRun: Bool = false
    ) throws(VariantStoreError) -> GarbageReport {
        var report = GarbageReport()
        report.isDryRun = dryRun
        if dryRun {
            let leased = try leased(dryRun: true)
            report.staleLeases = leased.stale
            report.leftovers =
                try deadWork().count + StoreFiles.names(in: layout.trash).count
            let before = try cachedIndex().index
            let kept = try survivors(of: before, keep: keep, leased: leased.digests, &report)
            try findGarbage(besides: kept.blobs, &report)
            return report
        }
        let work = try makeWorkFolder()
        let lock = try lockForWriting()
        defer { lock.release() }
        for leftover in try deadWork() {
            try leftover.remove()
            report.leftovers += 1
        }
        let leased = try leased(dryRun: false)
        report.staleLeases = leased.stale
        let before = try cachedIndex().index
        let kept = try survivors(of: before, keep: keep, leased: leased.digests, &report)
        try write(kept.index, in: work, insteadOf: before)
        try findGarbage(besides: kept.blobs, &report)
        for digest in report.blobs {
            try files.rename(layout.blob(digest), to: layout.trashed(digest))
        }
        let trash = try restoreLeased(besides: kept.blobs, &report)
        // Writers need not wait for the rest: what is in the trash nobody looks for as if it were there.
        lock.release()
        for path in trash { try files.remove(path) }
        try files.syncFolder(layout.trash)
        return report
    }

    /// What stays of an index, and the blobs that it needs.
    private func survivors(
        of before: StoreIndex, keep: Int?, leased: Set<BlobDigest>, _ report: inout GarbageReport
    ) throws(VariantStoreError) -> (index: StoreIndex, blobs: ReachableBlobs) {
        var index = before
        if let keep {
            let snapshot = StoreSnapshot(before)
            for name in snapshot.names {
                let old = snapshot.versions(of: name).dropLast(max(keep, 0))
                report.versions += old.filter {
                    snapshot.tags(of: $0).isEmpty && !leased.contains($0.digest)
                }
            }
            index.remove(Set(report.versions))
        }
        var blobs = ReachableBlobs(in: self)
        for digest in leased { try blobs.add(digest) }
        var waiting: [IndexEntry] = []
        for entry in index.entries {
            guard let descriptor = entry.descriptor else { continue }
            // A base is there for its variants, a referring artifact for its subject.
            if case .base? = entry.reference {
                waiting.append(entry)
            } else if entry.referenceName == nil, entry.subject != nil {
                waiting.append(entry)
            } else {
                try blobs.add(descriptor)
            }
        }
        while true {
            var later: [IndexEntry] = []
            for entry in waiting {
                guard let descriptor = entry.descriptor else { continue }
                if blobs.contains(entry.subject ?? descriptor.digest) {
                    try blobs.add(descriptor)
                } else {
                    later.append(entry)
                }
            }
            if later.count == waiting.count { break }
            waiting = later
        }
        let dropped = Set(waiting.map(ObjectIdentifier.init))
        index.entries.removeAll { dropped.contains(ObjectIdentifier($0)) }
        report.bases = waiting.compactMap { $0.subject == nil ? $0.referenceName : nil }.sorted()
        report.referrers = waiting.count - report.bases.count
        return (index, blobs)
    }

    private func findGarbage(
        besides kept: ReachableBlobs, _ report: inout GarbageReport
    ) throws(VariantStoreError) {
        for name in try StoreFiles.names(in: layout.blobs) {
            guard let digest = BlobDigest(hexadecimal: name), !kept.contains(digest) else {
                continue
            }
            var status = stat()
            guard lstat(layout.blob(digest), &status) == 0 else { continue }
            report.blobs.append(digest)
            report.byteCount += Int(status.st_size)
        }
    }

    /// Puts back what a reader came to lease after it was put aside.
    ///
    /// - Returns: what stays aside, to be removed.
    private func restoreLeased(
        besides kept: ReachableBlobs, _ report: inout GarbageReport
    ) throws(VariantStoreError) -> [String] {
        var kept = kept
        for digest in try leased(dryRun: false).digests { try kept.add(digest) }
        var trash: [String] = []
        var restored: Set<BlobDigest> = []
        let garbage = Set(report.blobs)
        for name in try StoreFiles.names(in: layout.trash) {
            let path = "\(layout.trash)/\(name)"
            var status = stat()
            guard let digest = BlobDigest(hexadecimal: name) else {
                trash.append(path)
                continue
            }
            guard kept.contains(digest), lstat(layout.blob(digest), &status) != 0,
                lstat(path, &status) == 0
            else {
                // From a collection that broke off, if not from this one.
                if !garbage.contains(digest) { report.leftovers += 1 }
                trash.append(path)
                continue
            }
            try files.rename(path, to: layout.blob(digest))
            if garbage.contains(digest) { report.byteCount -= Int(status.st_size) }
            restored.insert(digest)
        }
        report.blobs.removeAll { restored.contains($0) }
        try files.syncFolder(layout.blobs)
        return trash
    }

    /// Unfinished work whose writer is gone.
    private func deadWork() throws(VariantStoreError) -> [DeadWork] {
        let names = try StoreFiles.names(in: layout.staging)
        let locks = Set(names.filter { $0.hasSuffix(".lock") })
        var dead: [DeadWork] = []
        for lock in locks.sorted() {
            let path = "\(layout.staging)/\(lock)"
            guard let file = try? StoreFiles.openForReading(path),
                (try? files.lock(file, waits: false)) == true
            else { continue }
            dead.append(
                DeadWork(folder: String(path.dropLast(".lock".count)), lock: file, files: files))
        }
        // The lock is made before the folder and removed after it.
        let now = Set(try StoreFiles.names(in: layout.staging))
        for name in names where !name.hasSuffix(".lock") {
            guard !locks.contains(name + ".lock"), !now.contains(name + ".lock") else { continue }
            dead.append(
                DeadWork(folder: "\(layout.staging)/\(name)", lock: nil, files: files))
        }
        return dead
    }
}

/// A folder that a writer that died left behind, and its lock, held meanwhile.
private struct DeadWork {
    let folder: String
    let lock: OpenFile?
    let files: StoreFiles

    func remove() throws(VariantStoreError) {
        var status = stat()
        if lstat(folder, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR {
                try files.removeFolder(folder)
            } else {
                try files.remove(folder)
            }
        }
        if let lock { try files.remove(lock.path) }
    }
}
