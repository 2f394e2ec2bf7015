/// Layers that do nothing when the model infers: dropout, noise, random augmentation, and `Identity`.
package struct Identity: LayerDefinition {
    package static let classNames = [
        "Identity", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
        "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization",
        "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomContrast",
        "RandomBrightness", "RandomHue", "RandomSaturation", "RandomShear", "RandomColorJitter",
        "RandomSharpness", "RandomPosterization", "RandomPerspective", "RandomGrayscale",
        "RandomErasing", "RandomColorDegeneration", "RandomGaussianBlur", "RandomInvert",
        "RandomElasticTransform", "MixUp", "CutMix", "RandAugment", "AugMix",
        "RandomHeight", "RandomWidth",
        // EfficientNet's own dropout of Keras 2, and stochastic depth: both pass all at inference.
        "FixedDropout", "StochasticDepth",
    ]

    package init(_ configuration: LayerConfiguration) {}

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try call.firstInput()]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? { LayerWork.none }

    package var memory: LayerMemory { .view }

    package func bind(_ channels: inout ChannelBinder) { channels.passThrough() }

    package func emit(_ call: EmissionCall) -> [TensorEmission] { call.unchanged }
}
