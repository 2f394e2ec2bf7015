import ModelGraph
import OrderedCollections
import OrderedJSON

/// A model as its topology document tells it: layers by name, and calls between them.
///
/// Nested models are not yet inlined. A class, because a topology that is read deeply nested is copied often.
final class ParsedModel: Sendable {
    /// The model's name.
    let name: String
    /// `Sequential`, `Functional`, `Model` or a subclass's name.
    let className: String
    let isSequential: Bool
    let layers: [ParsedLayer]
    /// Indices into ``layers`` by name.
    let layerIndices: [String: Int]
    /// Outputs of the input layers, in the order in which the model takes its inputs.
    let inputs: [ParsedReference]
    let outputs: [ParsedReference]
    /// Calls in an order in which each reads only from those before it.
    let schedule: [ParsedCall]
    /// For each nested model, the number by which its first call is referred to.
    let callBases: [Int]

    init(
        name: String, className: String, isSequential: Bool, layers: [ParsedLayer],
        layerIndices: [String: Int], inputs: [ParsedReference], outputs: [ParsedReference],
        schedule: [ParsedCall], callBases: [Int]
    ) {
        self.name = name
        self.className = className
        self.isSequential = isSequential
        self.layers = layers
        self.layerIndices = layerIndices
        self.inputs = inputs
        self.outputs = outputs
        self.schedule = schedule
        self.callBases = callBases
    }
}

/// A layer, an operation or a nested model in a topology document.
struct ParsedLayer: Sendable {
    var name: String
    /// Keras's class name, with the prefix `operation:` for what is not a layer.
    var className: String
    var configuration: JSON
    /// Its calls; an input layer has none.
    var calls: [ParsedCallArguments]
    /// The model, if it is one.
    var nested: ParsedModel?
    /// Whether the document has no such layer: the input that a Sequential model implies.
    var isImplied = false

    var isOperation: Bool { className.hasPrefix(ParsedLayer.operationPrefix) }
    var isInput: Bool { className == "InputLayer" }

    static let operationPrefix = "operation:"
}

/// What a layer is called with.
struct ParsedCallArguments: Sendable {
    var arguments: [ParsedArgument]
    var keywords: OrderedDictionary<String, ParsedArgument>

    /// All tensors, positional ones first.
    var references: [ParsedReference] {
        arguments.flatMap(\.references) + keywords.values.flatMap(\.references)
    }
}

/// One call: indices into ``ParsedModel/layers`` and ``ParsedLayer/calls``.
struct ParsedCall: Hashable, Sendable {
    var layer: Int
    var call: Int
}

/// A tensor as a document names it.
struct ParsedReference: Hashable, Sendable {
    var layer: String
    var call: Int
    var output: Int
    /// The shape that stands beside it; nil if none does.
    var shape: Shape?
}

indirect enum ParsedArgument: Sendable {
    case tensor(ParsedReference)
    case list([ParsedArgument])
    case constant(JSON)

    var references: [ParsedReference] {
        switch self {
        case .tensor(let reference): [reference]
        case .list(let arguments): arguments.flatMap(\.references)
        case .constant: []
        }
    }
}
