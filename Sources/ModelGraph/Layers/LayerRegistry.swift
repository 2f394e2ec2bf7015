package import OrderedJSON

/// The layer classes that are known.
package enum LayerRegistry {
    /// Every known layer class.
    ///
    /// A new one is added here, and nowhere else but in its own file.
    static let definitions: [any LayerDefinition.Type] = [
        InputLayer.self, Identity.self, Masking.self,
        Convolution.self, TransposedConvolution.self, DepthwiseConvolution.self,
        SeparableConvolution.self, Dense.self, EinsumDense.self, Embedding.self,
        Pooling.self, GlobalPooling.self, AdaptivePooling.self,
        BatchNormalization.self, LayerNormalization.self, GroupNormalization.self,
        Normalization.self, Rescaling.self, ChannelScale.self,
        ActivationLayer.self, ParametricReLU.self,
        Merge.self, ScaledSum.self, Concatenate.self, Dot.self,
        Flatten.self, Reshape.self, Permute.self, RepeatVector.self,
        ZeroPadding.self, Cropping.self, UpSampling.self,
        Recurrence.self, Bidirectional.self, TimeDistributed.self,
        Attention.self, MultiHeadAttention.self,
        ArithmeticOperation.self, ScalarFunction.self, ReductionOperation.self,
        AxisOperation.self, ReshapeOperation.self, SliceOperation.self, SplitOperation.self,
        PadOperation.self, ProductOperation.self,
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
        try definition(
            LayerConfiguration(
                className: className, json: configuration, generation: generation))
    }

    /// The rules of a layer with those settings.
    static func definition(
        _ configuration: LayerConfiguration
    ) throws(GraphError) -> any LayerDefinition {
        let resolved = OperationNames.resolved(configuration)
        guard let definition = byClassName[resolved.className], wrapsKnownLayer(resolved) else {
            return OpaqueLayer(configuration)
        }
        return try definition.init(resolved)
    }

    /// Whether the layer inside a wrapper is known too; true for a layer that wraps none.
    private static func wrapsKnownLayer(_ configuration: LayerConfiguration) -> Bool {
        let inner = configuration.json["layer"]?["class_name"]?.string
        switch configuration.className {
        case "TimeDistributed": return inner.map { byClassName[$0] != nil } ?? true
        case "Bidirectional": return inner.map { Recurrence.classNames.contains($0) } ?? true
        default: return true
        }
    }
}
