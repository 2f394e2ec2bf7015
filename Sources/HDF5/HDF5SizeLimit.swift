/// How much memory a dataset may claim.
///
/// A file of a few bytes can declare terabytes: of values that were never written, or of zeros that
/// compress a thousandfold. Up to ``floor`` bytes anything goes; above, memory must stay within
/// ``expansion`` times what is stored.
package struct HDF5SizeLimit: Sendable, Hashable {
    /// Bytes that any dataset may claim.
    package var floor: Int
    /// Bytes in memory for each byte stored, above ``floor``.
    ///
    /// zlib reaches 1032 at most.
    package var expansion: Int
    /// Bytes that no dataset may exceed.
    package var ceiling: Int

    package init(floor: Int, expansion: Int, ceiling: Int = .max) {
        self.floor = floor
        self.expansion = expansion
        self.ceiling = ceiling
    }

    /// 64 MiB, or 1000 times what is stored.
    package static let standard = HDF5SizeLimit(floor: 64 << 20, expansion: 1000)

    /// Whether `claimed` bytes may be allocated for `stored` bytes in the file.
    func allows(_ claimed: Int, stored: Int) -> Bool {
        guard claimed <= ceiling else { return false }
        guard claimed > floor else { return true }
        let (most, overflow) = stored.multipliedReportingOverflow(by: expansion)
        return overflow || claimed <= most
    }
}

extension HDF5Dataset {
    /// Refuses a dataset that claims more memory than `limit` allows; to be called before allocating.
    ///
    /// - Throws: ``HDF5Error`` with `tooLarge`, `closed`.
    package func requireSize(within limit: HDF5SizeLimit = .standard) throws {
        var claimed = byteCount
        if case .chunked(let chunk) = layout {
            guard let bytes = checkedProduct(chunk + [elementType.size]) else {
                throw place.error(.tooLarge, "the chunks have more bytes than can be")
            }
            // libhdf5 takes whole chunks into memory, even for one element.
            claimed = max(claimed, bytes)
        }
        let stored = try storageSize
        guard limit.allows(claimed, stored: stored) else {
            throw place.error(
                .tooLarge, "the dataset claims \(claimed) bytes, and stores \(stored)")
        }
    }
}
