/// What became of the constants that removed channels would have given to one layer.
package struct FoldReport: Hashable, Sendable {
    /// Where the shift went.
    package enum Target: Hashable, Sendable {
        /// A weight that the layer has.
        case weight(role: String)
        /// A bias that the layer was given for it.
        case addedBias
        /// The moving mean of the batch normalisation behind the layer.
        case movingMean(layer: String)
        /// Nowhere: there is no place for it.
        case nowhere
    }

    /// Why the masked model may differ from one whose kernels alone are zeroed.
    package enum Problem: Hashable, Sendable {
        /// So many removed channels would carry what is not one value.
        case unknownEmission(channels: Int)
        /// The calls of a shared layer would need shifts that differ by so much; their mean was taken.
        case callsDisagree(by: Float)
        /// The layer class does not say how constants reach its outputs.
        case notFoldable
    }

    /// The layer that reads the removed channels.
    package var layer: String
    package var target: Target
    /// Added to each output that stays; 0 for those that go.
    package var shift: [Float]
    /// By how much each output may differ near the border, where padding forbids exactness.
    package var edge: [Float]
    package var problems: [Problem]

    /// The largest shift.
    package var largestShift: Float { shift.reduce(0) { max($0, abs($1)) } }

    /// The largest difference near the border.
    package var largestEdge: Float { edge.reduce(0) { max($0, $1) } }

    /// Whether removing the channels changes nothing that this layer gives.
    package var isExact: Bool {
        largestEdge == 0 && problems.isEmpty && (target != .nowhere || largestShift == 0)
    }
}
