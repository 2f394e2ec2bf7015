import Foundation
import Synchronization

/// A store of variants in a folder: an OCI image layout that any OCI tool can read.
///
/// Any number of processes and threads may read and write at once. Writers wait for each other; readers
/// wait for nobody and see the state before or after a change, never one between.
package final class StoreDirectory: Sendable {
    /// As it was given.
    package let path: String
    let layout: StoreLayout
    let files: StoreFiles
    private let current = Mutex<CachedIndex?>(nil)
    /// Large blobs in place whose content was checked by this object, so that a hundred publications of
    /// one base read it once.
    let checked = Mutex<Set<BlobDigest>>([])

    /// Opens a store for reading and writing.
    ///
    /// A layout that another OCI tool made is one too; the first change adds what Espalier needs.
    /// - Throws: ``VariantStoreError``: what is no store, what another version made and what is damaged are
    ///   told apart.
    package convenience init(opening path: String) throws(VariantStoreError) {
        try self.init(opening: path, files: .system)
    }

    /// Opens a store whose calls to the operating system go through `files`.
    package init(opening path: String, files: StoreFiles) throws(VariantStoreError) {
        self.path = path
        self.files = files
        layout = StoreLayout(root: Self.withoutSlash(path))
        try checkLayout()
    }

    /// For a store that is being made.
    private init(making path: String, files: StoreFiles) {
        self.path = path
        self.files = files
        layout = StoreLayout(root: Self.withoutSlash(path))
    }

    private static func withoutSlash(_ path: String) -> String {
        var path = path.isEmpty ? "." : path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// Makes a store, and the folders that lead to it; one that is there is opened.
    ///
    /// - Throws: ``VariantStoreError`` with `notAStore` if something else is there.
    package static func create(
        at path: String, files: StoreFiles = .system
    ) throws(VariantStoreError) -> StoreDirectory {
        let store = StoreDirectory(making: path, files: files)
        try store.make()
        return try StoreDirectory(opening: path, files: files)
    }

    /// Opens a store, or makes it if nothing is there.
    package static func openOrCreate(
        at path: String, files: StoreFiles = .system
    ) throws(VariantStoreError) -> StoreDirectory {
        do { return try StoreDirectory(opening: path, files: files) } catch {
            guard error.code == .noStore || error.code == .notAStore else { throw error }
            return try create(at: path, files: files)
        }
    }

    /// The state of the store now.
    ///
    /// - Throws: ``VariantStoreError``.
    package func snapshot() throws(VariantStoreError) -> StoreSnapshot {
        try cachedIndex().snapshot()
    }

    /// The index as it is now, read again only if it changed.
    func cachedIndex() throws(VariantStoreError) -> CachedIndex {
        let file: OpenFile
        do { file = try StoreFiles.openForReading(layout.index) } catch {
            guard case .unreadable(let number) = error.code, number == ENOENT || number == ENOTDIR
            else { throw error }
            // The whole store may be gone.
            try checkLayout()
            throw VariantStoreError(.damagedIndex, file: layout.index, detail: "it is missing")
        }
        let identity = FileIdentity(try file.status())
        let known = current.withLock { $0 }
        if let known, known.identity == identity { return known }
        let bytes = try file.content(limit: StoreIndex.largestByteCount)
        let index = try StoreIndex(parsing: bytes, reusing: known?.index, file: layout.index)
        let cached = CachedIndex(index: index, identity: identity, file: file)
        current.withLock { $0 = cached }
        return cached
    }

    /// Takes what was just written as the state that is known.
    func remember(_ index: StoreIndex, in file: OpenFile) throws(VariantStoreError) {
        let identity = FileIdentity(try file.status())
        let cached = CachedIndex(index: index, identity: identity, file: file)
        current.withLock { $0 = cached }
    }
}

/// What tells a file from the one that stood at its place before.
struct FileIdentity: Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
    }
}

/// A state of the index that was read, and what tells whether it still stands.
final class CachedIndex: Sendable {
    let index: StoreIndex
    let identity: FileIdentity
    /// Open as long as this is known, so that no other file can get its inode.
    private let file: OpenFile
    private let tables = Mutex<StoreSnapshot?>(nil)

    init(index: StoreIndex, identity: FileIdentity, file: OpenFile) {
        self.index = index
        self.identity = identity
        self.file = file
    }

    /// The state for readers; made when somebody asks first.
    func snapshot() -> StoreSnapshot {
        tables.withLock { tables in
            if let tables { return tables }
            let made = StoreSnapshot(index)
            tables = made
            return made
        }
    }
}
