import Foundation

/// Why a manifest or a store cannot be read or written, and where.
package struct VariantStoreError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The operating system refused; `errno` says why (2: no such file).
        case unreadable(errno: Int32)
        /// Larger than any such file is.
        case tooLarge(limit: Int)
        /// Something else than a variant's manifest.
        case notAManifest
        /// Made by a later version, whose schema this one does not know.
        case tooNew(schema: Int)
        /// Made by an earlier version, whose schema is not read any more.
        case tooOld(schema: Int)
        /// A manifest whose content is cut short or contradicts itself.
        case damaged

        // A store as a whole.

        /// Nothing is at the path.
        case noStore
        /// A folder or file that is no store.
        case notAStore
        /// The layout is of another version than 1.
        case unknownLayout(version: String)
        /// The store was made by a later Espalier.
        case storeTooNew(schema: Int)
        /// The store was made by an Espalier whose stores are not read any more.
        case storeTooOld(schema: Int)
        /// The index is of a later version of the OCI specification.
        case indexTooNew(schema: Int)
        /// The index, or a file that says what the store is, cannot be understood; `detail` says where.
        case damagedIndex
        /// A link, a pipe or a folder stands where a file should be.
        case notAFile

        // Writing.

        /// The store or its disk may only be read.
        case readOnly(errno: Int32)
        /// The disk or the quota is full.
        case noSpace(errno: Int32)
        /// The file system has no locks.
        case noLocks(errno: Int32)
        /// The file system cannot rename in place.
        case noRename(errno: Int32)
        /// Writing failed in another way.
        case unwritable(errno: Int32)

        // What is in a store.

        /// A blob whose content has another digest than its name says.
        case damagedBlob(expected: String, actual: String)
        /// A blob that something names is not there.
        case missingBlob(digest: String)
        /// An OCI manifest that cannot be understood or lacks a part; `detail` says which.
        case damagedArtifact
        /// A measurement that cannot be understood; `detail` says why.
        case damagedMeasurement
        /// No such line of versions; near names in `near`.
        case noSuchVariant(near: [String])
        /// The line is there, that version is not; the versions that are, ascending.
        case noSuchVersion(present: [Int])
        /// The line is there, that tag is not; the tags that are.
        case noSuchTag(present: [String])
        /// No variant or base has that digest.
        case noSuchDigest
        /// The beginning of several digests; what they belong to.
        case ambiguous(matches: [String])
        /// No name of a variant, base or tag.
        case badName
        /// A name of a base where a variant's is needed.
        case notAVariant
        /// Tags name the version, so it is not removed.
        case tagInUse(tags: [String])
        /// A key does not sign.
        case cannotSign
        /// A file has another digest than the manifest says.
        case wrongDigest(expected: String, actual: String)
    }

    package var code: Code
    /// The file as it was named, or the reference.
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

    /// What the operating system's refusal to write means.
    package init(writing number: Int32, file: String) {
        switch number {
        case EROFS, EACCES, EPERM: self.init(.readOnly(errno: number), file: file)
        case ENOSPC, EDQUOT: self.init(.noSpace(errno: number), file: file)
        case ENOLCK: self.init(.noLocks(errno: number), file: file)
        default: self.init(.unwritable(errno: number), file: file)
        }
    }
}
