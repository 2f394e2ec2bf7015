package import OrderedJSON

extension ActivationFunction {
    /// Reads an activation as Keras stores it: a name, or an object with `class_name` and `config`.
    ///
    /// - Parameter generation: which Keras wrote it; decides what `hard_sigmoid` is.
    /// - Throws: ``GraphError`` for a function that is not known, Python code among them.
    package init(_ json: JSON, generation: KerasGeneration = .three) throws(GraphError) {
        if let name = json.string, let known = Self.named(name, generation) {
            self = known
        } else if let known = try Self.object(json, generation) {
            self = known
        } else {
            throw GraphError(
                .unsupported,
                "the activation function \(json.text().prefix(80)) is not one of Keras's own")
        }
    }

    private static func named(
        _ name: String, _ generation: KerasGeneration
    ) -> ActivationFunction? {
        switch name {
        case "linear": .linear
        case "relu": .relu(maximum: nil, negativeSlope: 0, threshold: 0)
        case "relu6": .relu(maximum: 6, negativeSlope: 0, threshold: 0)
        case "leaky_relu": .relu(maximum: nil, negativeSlope: 0.2, threshold: 0)
        case "sigmoid": .sigmoid
        case "tanh": .tanh
        case "softplus": .softplus
        case "softsign": .softsign
        case "exponential": .exponential
        case "mish": .mish
        case "silu", "swish": .silu
        case "gelu": .gelu(approximate: false)
        case "elu": .elu(alpha: 1)
        case "celu": .celu(alpha: 1)
        case "selu": .selu
        case "hard_sigmoid": generation == .two ? .oldHardSigmoid : .hardSigmoid
        case "hard_silu", "hard_swish": .hardSilu
        case "hard_tanh": .hardTanh
        case "hard_shrink": .hardShrink(threshold: 0.5)
        case "soft_shrink": .softShrink(threshold: 0.5)
        case "tanh_shrink": .tanhShrink
        case "log_sigmoid": .logSigmoid
        case "sparse_plus": .sparsePlus
        case "sparse_sigmoid": .sparseSigmoid
        case "squareplus": .squareplus(b: 4)
        case "softmax": .softmax(axis: -1)
        case "log_softmax": .logSoftmax(axis: -1)
        case "sparsemax": .sparsemax(axis: -1)
        case "glu": .glu(axis: -1)
        default: nil
        }
    }

    /// An activation stored as a function's description or as a whole layer.
    private static func object(
        _ json: JSON, _ generation: KerasGeneration
    ) throws(GraphError) -> ActivationFunction? {
        guard let className = json["class_name"]?.string else { return nil }
        if className == "function" {
            return json["config"]?.string.flatMap { named($0, generation) }
        }
        let settings = LayerConfiguration(
            className: className, json: json["config"] ?? [:], generation: generation)
        return try layer(settings) ?? named(className, generation)
    }

    /// The function of an activation layer with those settings; nil if its class is none.
    static func layer(_ settings: LayerConfiguration) throws(GraphError) -> ActivationFunction? {
        func number(_ key: String, _ fallback: Double) throws(GraphError) -> Float {
            Float(try settings.double(key, default: fallback))
        }
        switch settings.className {
        case "Activation": return try settings.activation()
        case "ReLU":
            let maximum = settings.json["max_value"] ?? .null
            return .relu(
                maximum: maximum == .null ? nil : try number("max_value", 0),
                negativeSlope: try number("negative_slope", 0),
                threshold: try number("threshold", 0))
        case "LeakyReLU":
            let key = settings.json["negative_slope"] == nil ? "alpha" : "negative_slope"
            return .relu(maximum: nil, negativeSlope: try number(key, 0.3), threshold: 0)
        case "ThresholdedReLU":
            return .threshold(try number("theta", 1), otherwise: 0)
        case "ELU", "Elu": return .elu(alpha: try number("alpha", 1))
        case "LeakyRelu":
            let slope = try number("negative_slope", 0.2)
            return .relu(maximum: nil, negativeSlope: slope, threshold: 0)
        case "Celu": return .celu(alpha: try number("alpha", 1))
        case "Gelu": return .gelu(approximate: try settings.bool("approximate", default: true))
        case "SoftShrink": return .softShrink(threshold: try number("threshold", 0.5))
        case "HardShrink": return .hardShrink(threshold: try number("threshold", 0.5))
        case "Threshold":
            return .threshold(
                try number("threshold", 0), otherwise: try number("default_value", 0))
        case "Squareplus": return .squareplus(b: try number("b", 4))
        case "LogSoftmax": return .logSoftmax(axis: settings.json["axis"]?.integer ?? -1)
        case "Sparsemax": return .sparsemax(axis: settings.json["axis"]?.integer ?? -1)
        case "Glu": return .glu(axis: settings.json["axis"]?.integer ?? -1)
        case "Softmax":
            guard let axis = settings.json["axis"]?.integer else { return .softmax(axis: -1) }
            return .softmax(axis: axis)
        default: return nil
        }
    }
}
