/// The shares of the weights that weight pruning may make zero, and what each keeps and weighs.
package struct SparsityChoice: Hashable, Sendable {
    /// One share to choose.
    package struct Level: Hashable, Sendable {
        /// Share of the prunable weights that are zero.
        package var share: Double
        /// Importance lost, counted like that of groups.
        package var lost: Double
        /// Bytes in the file for each byte of prunable weights.
        package var bytesPerByte: Double

        package init(share: Double, lost: Double, bytesPerByte: Double) {
            self.share = share
            self.lost = lost
            self.bytesPerByte = bytesPerByte
        }
    }

    /// At least one; the sparsest first, the densest last.
    package let levels: [Level]

    package init(levels: [Level]) {
        let sorted = levels.sorted { $0.share > $1.share }
        self.levels =
            sorted.isEmpty ? [Level(share: 0, lost: 0, bytesPerByte: 1)] : sorted
    }

    /// No weight pruning.
    ///
    /// - Parameter bytesPerByte: what compression leaves of each byte.
    package static func dense(bytesPerByte: Double = 1) -> SparsityChoice {
        SparsityChoice(levels: [Level(share: 0, lost: 0, bytesPerByte: bytesPerByte)])
    }
}
