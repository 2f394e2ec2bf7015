package import OrderedJSON

/// The layer classes that are known.
package enum LayerRegistry {
    /// Every known layer class.
    ///
    /// A new one is added here, and nowhere else but in its own file.
    static let definitions: [any LayerDefinition.Type] = [
        InputLayer.self, Identity.self,
        Convolution.self, DepthwiseConvolution.self, SeparableConvolution.self, Dense.self,
        Pooling.self, GlobalPooling.self,
        BatchNormalization.self, ActivationLayer.self,
        Merge.self, Concatenate.self,
        Flatten.self, Reshape.self, ZeroPadding.self, Cropping.self,
    ]

    private static let byClassName: [String: any LayerDefinition.Type] = Dictionary(
        definitions.flatMap { definition in definition.classNames.map { ($0, definition) } },
        uniquingKeysWith: { first, _ in first })

    /// All class names that are known.
    package static var classNames: [String] { byClassName.keys.sorted() }

    /// The rules of a layer, or an ``OpaqueLayer`` if its class is not known.
    ///
    /// - Parameters:
    ///   - className: Keras's class name. An operation that stands in a saved graph without being a layer
    ///     (`Add` of `keras.src.ops.numpy`) has the prefix `operation:`.
    ///   - configuration: Keras's `config` of the layer.
    ///   - generation: which Keras wrote it.
    package static func definition(
        className: String, configuration: JSON, generation: KerasGeneration = .three
    ) throws(GraphError) -> any LayerDefinition {
        let reader = LayerConfiguration(
            className: className, json: configuration, generation: generation)
        guard let definition = byClassName[className] else { return OpaqueLayer(reader) }
        return try definition.init(reader)
    }
}
