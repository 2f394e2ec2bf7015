import KerasFormat
import ModelGraph

extension KerasFileKind {
    /// The kind in words.
    func title(_ generation: KerasGeneration) -> String {
        let keras = "Keras \(generation.rawValue)"
        return switch self {
        case .wholeModelH5: "whole model, HDF5, \(keras)"
        case .legacyWeightsH5: "weights alone, HDF5, \(keras)"
        case .weightsH5: "weights alone (.weights.h5), \(keras)"
        case .keras: "archive (.keras), \(keras)"
        }
    }
}
