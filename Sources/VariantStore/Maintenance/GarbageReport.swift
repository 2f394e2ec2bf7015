/// What a garbage collection removed, or would remove.
package struct GarbageReport: Sendable, Equatable {
    /// Versions beyond the window, by name and number.
    package var versions: [VariantVersion] = []
    /// Bases that no version needs any more, as the index names them.
    package var bases: [String] = []
    /// Measurements and signatures of what is gone.
    package var referrers = 0
    package var blobs: [BlobDigest] = []
    /// Of the blobs.
    package var byteCount = 0
    /// Unfinished work of writers that died.
    package var leftovers = 0
    /// Leases of readers that died.
    package var staleLeases = 0
    /// Whether nothing was done.
    package var isDryRun = false

    package init() {}
}
