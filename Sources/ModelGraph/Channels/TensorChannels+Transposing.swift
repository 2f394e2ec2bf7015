extension TensorChannels {
    /// The channels behind a transposition.
    ///
    /// - Parameter order: for each new axis, the old one that stands there.
    package func transposed(_ order: [Int]) -> TensorChannels {
        var moved: [Int: ChannelLabels] = [:]
        for (axis, old) in order.enumerated() { moved[axis] = axes[old] }
        return TensorChannels(moved)
    }
}
