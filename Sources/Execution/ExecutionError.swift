/// Why a network cannot be run, and at which layer.
public struct ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, for a caller to decide on.
    public enum Code: String, Hashable, Sendable {
        /// A layer class, or a setting of one, that is not run here.
        case unsupported
        /// Shapes that do not fit the network or each other.
        case shape
        /// A weight that is missing or does not fit its layer.
        case weight
        /// An input that is infinite or not a number.
        case notFinite
        /// The network does not fit the memory of this machine.
        case memory
        /// The library that computes refused.
        case library
    }

    /// The kind of failure.
    public var code: Code
    /// The layer's name with those of the models around it; empty for the whole network.
    public var layer: String
    /// What is wrong, without the place, as the rest of a sentence.
    public var reason: String

    /// An error at a layer, or of the whole network.
    public init(_ code: Code, layer: String = "", _ reason: String) {
        self.code = code
        self.layer = layer
        self.reason = reason
    }

    /// The sentence with the layer in front.
    public var description: String {
        layer.isEmpty ? reason : "layer '\(layer)': \(reason)"
    }

    /// The same error, at that layer unless it already names one.
    func at(_ layer: String) -> ExecutionError {
        self.layer.isEmpty ? ExecutionError(code, layer: layer, reason) : self
    }
}
