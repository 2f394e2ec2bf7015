/// Why a network cannot be run, and at which layer.
package struct ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// A layer class, or a setting of one, that is not run here.
        case unsupported
        /// Shapes that do not fit the network or each other.
        case shape
        /// A weight that is missing or does not fit its layer.
        case weight
        /// The network does not fit the memory of this machine.
        case memory
        /// The library that computes refused.
        case library
    }

    package var code: Code
    /// The layer's name with those of the models around it; empty for the whole network.
    package var layer: String
    /// What is wrong, without the place, as the rest of a sentence.
    package var reason: String

    package init(_ code: Code, layer: String = "", _ reason: String) {
        self.code = code
        self.layer = layer
        self.reason = reason
    }

    package var description: String {
        layer.isEmpty ? reason : "layer '\(layer)': \(reason)"
    }

    /// The same error, at that layer unless it already names one.
    func at(_ layer: String) -> ExecutionError {
        self.layer.isEmpty ? ExecutionError(code, layer: layer, reason) : self
    }
}
