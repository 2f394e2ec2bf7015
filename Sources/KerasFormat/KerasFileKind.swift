/// The kinds of files in which Keras stores models and weights.
package enum KerasFileKind: String, Hashable, Sendable, CaseIterable {
    /// Topology and weights in one HDF5 file (`.h5`, `.hdf5`), of Keras 2 or 3.
    case wholeModelH5 = "whole-model-h5"
    /// Weights alone in the older layout (`.h5` of `save_weights` in Keras 2).
    case legacyWeightsH5 = "legacy-weights-h5"
    /// Weights alone in the newer layout (`.weights.h5` of Keras 3).
    case weightsH5 = "weights-h5"
    /// A zip archive with topology, metadata and weights (`.keras`).
    case keras

    /// Whether the file holds the topology, too.
    package var hasTopology: Bool { self == .wholeModelH5 || self == .keras }
}
