package import Contexts

/// What a variant's file is expected to weigh, until it is written and weighed.
package struct FileSizeModel: Hashable, Sendable {
    /// Bytes that are no weights: topology, names, the format's own.
    package var overheadBytes: Int
    /// What compression leaves of kernels with scattered zeros, and of weights without.
    package var scattered: CompressionCurve
    /// What it leaves of kernels with N:M patterns.
    package var patterned: CompressionCurve

    package init(
        overheadBytes: Int, scattered: CompressionCurve, patterned: CompressionCurve
    ) {
        self.overheadBytes = overheadBytes
        self.scattered = scattered
        self.patterned = patterned
    }

    /// What can be said without compressing anything.
    package init(overheadBytes: Int, compression: PruningOptions.Compression) {
        switch compression {
        case .none:
            self.init(overheadBytes: overheadBytes, scattered: .none, patterned: .none)
        case .deflate:
            self.init(
                overheadBytes: overheadBytes, scattered: .shuffledDeflate,
                patterned: .shuffledDeflatePattern)
        }
    }

    func curve(_ pattern: PruningOptions.WeightPattern) -> CompressionCurve {
        pattern == .unstructured ? scattered : patterned
    }
}
