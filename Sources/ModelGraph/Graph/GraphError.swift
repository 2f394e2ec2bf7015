/// What is wrong with a model, and at which layer.
package struct GraphError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The configuration lacks something, or has something that cannot be.
        case configuration
        /// Shapes do not fit each other.
        case shape
        /// Weights do not fit the layer.
        case weight
        /// Layers are connected in a way that makes no network.
        case connection
        /// Legal in Keras, but not understood here.
        case unsupported
    }

    package var code: Code
    /// The layer's name with those of the models around it: `backbone/conv1`; empty for the whole model.
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
    package func at(_ layer: String) -> GraphError {
        self.layer.isEmpty ? GraphError(code, layer: layer, reason) : self
    }
}
