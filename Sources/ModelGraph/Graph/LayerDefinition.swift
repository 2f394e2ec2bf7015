package import OrderedJSON

/// The rules of a layer class, holding one layer's settings.
///
/// Everything that Espalier knows about a layer class stands in one conforming type, except how it
/// is run (`Execution`). A class that is not in ``LayerRegistry`` becomes an ``OpaqueLayer``.
package protocol LayerDefinition: Sendable {
    /// The Keras class names that it reads, Keras 2 spellings too.
    static var classNames: [String] { get }

    /// Reads the settings from Keras's `config`.
    init(_ configuration: LayerConfiguration) throws(GraphError)

    /// The weights that the layer has for such inputs, in Keras's order.
    func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification]

    /// The shapes of the outputs.
    func outputs(of call: LayerCall) throws(GraphError) -> [Shape]

    /// Multiply-adds and data moved, per sample; nil means element-wise work over the output.
    func work(of call: LayerCall, outputs: [Shape]) -> LayerWork?

    /// Whether the outputs need memory of their own.
    var memory: LayerMemory { get }

    /// How channels of the inputs, the weights and the outputs belong together.
    func bind(_ channels: inout ChannelBinder)

    /// What channels that are constant on the way in are on the way out.
    func emit(_ call: EmissionCall) -> [TensorEmission]

    /// What constants on removed input channels add to the layer's outputs, for a layer that sums
    /// over its input channels; nothing for all others.
    func fold(_ call: EmissionCall) -> [Folding]

    /// The settings with a bias, and the bias's shape, for a layer that could have one and has none.
    func addingBias(_ configuration: JSON) -> (configuration: JSON, bias: WeightSpecification)?

    /// The settings after some channels went, as Keras's `config`.
    func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON
}

extension LayerDefinition {
    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] { [] }
    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? { nil }
    package var memory: LayerMemory { .own }
    package func emit(_ call: EmissionCall) -> [TensorEmission] { call.unknown }
    package func fold(_ call: EmissionCall) -> [Folding] { [] }
    package func addingBias(
        _ configuration: JSON
    ) -> (configuration: JSON, bias: WeightSpecification)? { nil }
    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON { configuration }
}

/// Where a layer's outputs can stand.
package enum LayerMemory: Hashable, Sendable {
    /// In memory of their own.
    case own
    /// Where the first input stands, if nobody else still needs it: element-wise layers.
    case inPlace
    /// They are the first input in another shape, or the first input itself.
    case view
}

/// A weight that a layer class expects.
package struct WeightSpecification: Hashable, Sendable {
    package var role: String
    package var shape: [Int]

    package init(_ role: String, _ shape: [Int]) {
        self.role = role
        self.shape = shape
    }
}

/// A layer after some channels went.
package struct ResizedLayer: Sendable {
    /// Shapes of the first call's inputs and outputs.
    package var inputs: [Shape]
    package var outputs: [Shape]
    /// The weights that stay, already cut.
    package var weights: [Weight]
    /// Shapes of the first call's inputs before any channel went; empty if nobody knows.
    package var originalInputs: [Shape]

    package init(
        inputs: [Shape], outputs: [Shape], weights: [Weight], originalInputs: [Shape] = []
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.weights = weights
        self.originalInputs = originalInputs
    }

    /// The shape of the weight with that role.
    package func shape(_ role: String) -> [Int]? { weights.first { $0.role == role }?.shape }
}
