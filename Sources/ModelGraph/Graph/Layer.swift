package import OrderedJSON

/// A layer of a model: what it computes and its weights.
///
/// Where it is called is a ``Node``'s matter.
package struct Layer: Sendable {
    /// Its name behind those of the nested models that it stands in: `["backbone", "conv1"]`.
    package var path: [String]
    /// Keras's class name: `Conv2D`.
    package var className: String
    /// Keras's `config` of the layer, as read.
    package var configuration: JSON
    /// The layer class's rules, with this layer's settings.
    package var definition: any LayerDefinition
    /// In Keras's order.
    package var weights: [Weight]
    /// Which Keras wrote ``configuration``; some words mean another thing in the other.
    package var generation: KerasGeneration

    package init(
        path: [String], className: String, configuration: JSON,
        definition: any LayerDefinition, weights: [Weight] = [],
        generation: KerasGeneration = .three
    ) {
        self.path = path
        self.className = className
        self.configuration = configuration
        self.definition = definition
        self.weights = weights
        self.generation = generation
    }

    /// Takes other settings, and the rules that follow from them.
    ///
    /// - Throws: ``GraphError`` at this layer.
    package mutating func configure(_ configuration: JSON) throws(GraphError) {
        do throws(GraphError) {
            definition = try LayerRegistry.definition(
                className: className, configuration: configuration, generation: generation)
        } catch { throw error.at(name) }
        self.configuration = configuration
    }

    /// The names of ``path``, joined by `/`.
    package var name: String { path.joined(separator: "/") }

    /// The weight with that role.
    package func weight(_ role: String) -> Weight? { weights.first { $0.role == role } }
}
