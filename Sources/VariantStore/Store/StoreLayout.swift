/// Where things stand in a store's folder.
///
/// `oci-layout`, `index.json` and `blobs` are those of an OCI image layout; what Espalier alone needs is
/// below `.espalier`, where no other tool looks.
struct StoreLayout: Sendable {
    let root: String

    /// The marker of a store and the version of what is below `.espalier`.
    static let kind = "espalier-store"
    static let currentSchema = 1

    var ociLayout: String { root + "/oci-layout" }
    var index: String { root + "/index.json" }
    var blobs: String { root + "/blobs/sha256" }
    var state: String { root + "/.espalier" }
    var marker: String { state + "/store.json" }
    var lock: String { state + "/lock" }
    var staging: String { state + "/staging" }
    var leases: String { state + "/leases" }
    var trash: String { state + "/trash" }
    var cache: String { state + "/cache" }

    func blob(_ digest: BlobDigest) -> String { "\(blobs)/\(digest.hexadecimal)" }
    func trashed(_ digest: BlobDigest) -> String { "\(trash)/\(digest.hexadecimal)" }

    /// All folders, each behind the one that holds it.
    var folders: [String] {
        [root + "/blobs", blobs, state, staging, leases, trash, cache]
    }
}
