/// What is done without any data to make up for removed channels.
package enum DataFreeRecovery: String, CaseIterable, Hashable, Sendable {
    /// What a channel carries whose kernel is zero moves into biases; weights that stay are not touched.
    case exact
    /// What a channel carries *in the mean* moves into biases, as far as batch normalisations tell it, and
    /// they are told how much less varies in front of them.
    case means
    /// As ``means``, and what reads a removed channel reads in its place those that stay and are alike.
    case merge
}

/// What removed channels cost one layer that read them, as expected from the weights alone.
///
/// Errors are mean squares over what the layer's kernel gives, as a share of that sum's variance; the model behind them is described at
/// ``MomentFlow``.
package struct DataFreeReport: Hashable, Sendable {
    /// The layer that read the removed channels.
    package var layer: String
    /// The input channels that it loses.
    package var removedChannels: Int
    /// The error if each removed channel is replaced by its mean.
    package var errorOfMeans: Float
    /// The error as it is now.
    package var error: Float
    /// The batch normalisation behind the layer whose moving variance was changed.
    package var normalization: String?
}
