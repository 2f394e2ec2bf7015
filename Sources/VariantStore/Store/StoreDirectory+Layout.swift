import Foundation

extension StoreDirectory {
    /// Sees whether this is a store that this version understands.
    func checkLayout() throws(VariantStoreError) {
        var status = stat()
        guard stat(layout.root, &status) == 0 else {
            let number = errno
            throw VariantStoreError(
                number == ENOENT || number == ENOTDIR ? .noStore : .unreadable(errno: number),
                file: path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw VariantStoreError(.notAStore, file: path)
        }
        guard let version = try member("imageLayoutVersion", of: layout.ociLayout)?.string else {
            throw VariantStoreError(.notAStore, file: path)
        }
        guard version.hasPrefix("1.") else {
            throw VariantStoreError(.unknownLayout(version: version), file: path)
        }
        // A link in place of a folder would lead readers and writers out of the store.
        for folder in layout.folders where lstat(folder, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw VariantStoreError(.notAFile, file: folder)
            }
        }
        try checkMarker()
    }

    private func checkMarker() throws(VariantStoreError) {
        guard let marker = try document(layout.marker) else { return }
        guard marker["kind"]?.string == StoreLayout.kind, let schema = marker["schema"]?.integer
        else {
            throw VariantStoreError(
                .damagedIndex, file: layout.marker, detail: "it does not say what the store is")
        }
        if schema > StoreLayout.currentSchema {
            throw VariantStoreError(.storeTooNew(schema: schema), file: path)
        }
        if schema < StoreLayout.currentSchema {
            throw VariantStoreError(.storeTooOld(schema: schema), file: path)
        }
    }

    private func member(
        _ key: String, of file: String
    ) throws(VariantStoreError) -> JSONValue? {
        try document(file)?[key]
    }

    /// A small JSON document; nil if it is not there.
    private func document(_ path: String) throws(VariantStoreError) -> JSONValue? {
        let bytes: [UInt8]
        do { bytes = try StoreFiles.openForReading(path).content(limit: 1 << 16) } catch {
            if error.code == .unreadable(errno: ENOENT) { return nil }
            if error.code == .unreadable(errno: ENOTDIR) { return nil }
            throw error
        }
        do throws(JSONFault) {
            var scanner = JSONScanner(bytes)
            let value = try scanner.value()
            try scanner.end()
            return value
        } catch {
            throw VariantStoreError(.damagedIndex, file: path, detail: error.description)
        }
    }

    /// Makes what is missing; several may do so at once.
    func make() throws(VariantStoreError) {
        var status = stat()
        if stat(layout.root, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw VariantStoreError(.notAStore, file: path)
            }
            let names = Set(try StoreFiles.names(in: layout.root))
            // What a creation that broke off left behind may be completed, anything else may not.
            let own: Set<String> = ["oci-layout", "index.json", "blobs", ".espalier"]
            guard names.contains("oci-layout") || names.isSubset(of: own) else {
                throw VariantStoreError(.notAStore, file: path)
            }
            if names.contains("oci-layout") { try checkLayout() }
        } else {
            try makeFolders(to: layout.root)
        }
        let lock = try lockForWriting()
        defer { lock.release() }
        let work = try makeWorkFolder()
        if access(layout.index, F_OK) != 0 {
            try replace(layout.index, with: StoreIndex().encoded, in: work)
        }
        if access(layout.ociLayout, F_OK) != 0 {
            let content = JSONValue.object(["imageLayoutVersion": .string(OCI.layoutVersion)])
            try replace(layout.ociLayout, with: content.canonicalBytes, in: work)
        }
        try files.syncFolder(layout.root)
    }

    private func makeFolders(to path: String) throws(VariantStoreError) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            let parent = String(path[..<slash])
            if access(parent, F_OK) != 0 { try makeFolders(to: parent) }
        }
        try files.makeFolder(path)
    }

    /// Makes the folders that writers need.
    func makeState() throws(VariantStoreError) {
        for folder in layout.folders { try files.makeFolder(folder) }
    }

    /// Says whose state this is; under the lock.
    func makeMarker() throws(VariantStoreError) {
        guard access(layout.marker, F_OK) != 0 else { return try checkMarker() }
        let content = JSONValue.object([
            "kind": .string(StoreLayout.kind), "schema": .integer(StoreLayout.currentSchema),
        ])
        try replace(layout.marker, with: content.canonicalBytes, in: try makeWorkFolder())
        try files.syncFolder(layout.state)
    }

    /// Writes a file anew so that readers see the old or the new one.
    ///
    /// - Returns: the new file.
    @discardableResult
    func replace(
        _ path: String, with bytes: [UInt8], in work: WorkFolder
    ) throws(VariantStoreError) -> OpenFile {
        let staged = work.newPath()
        let file = try files.create(staged)
        try files.write(bytes, to: file)
        try files.sync(file)
        try files.rename(staged, to: path)
        return file
    }
}
