import OrderedJSON

/// Operations that are a layer class under another name, and Keras 2's names of operations.
///
/// Keras 2 stores `tf.math.add(x, y)` as a layer of class `TFOpLambda` whose setting `function` is `math.add`.
enum OperationNames {
    /// The settings under the class name that has rules here; the same if nothing better is known.
    static func resolved(_ configuration: LayerConfiguration) -> LayerConfiguration {
        var configuration = configuration
        if ["TFOpLambda", "SlicingOpLambda"].contains(configuration.className) {
            let function = configuration.json["function"]?.string ?? ""
            guard let name = functions[function] else { return configuration }
            configuration = configuration.inner("operation:" + name, configuration.json)
        }
        guard configuration.className.hasPrefix("operation:") else { return configuration }
        let name = String(configuration.className.dropFirst("operation:".count))
        return layer(name, configuration) ?? configuration
    }

    /// TensorFlow's functions, by Keras 3's names of the same.
    private static let functions: [String: String] = [
        "math.add": "Add", "__operators__.add": "Add", "math.subtract": "Subtract",
        "math.multiply": "Multiply", "math.divide": "Divide", "math.truediv": "Divide",
        "math.maximum": "Maximum", "math.minimum": "Minimum", "math.pow": "Power",
        "math.negative": "Negative", "math.abs": "Absolute", "math.sqrt": "Sqrt",
        "math.rsqrt": "Rsqrt", "math.square": "Square", "math.exp": "Exp", "math.log": "Log",
        "math.reduce_mean": "Mean", "math.reduce_sum": "Sum", "math.reduce_max": "Max",
        "math.reduce_min": "Min", "nn.relu": "Relu", "nn.relu6": "Relu6",
        "math.sigmoid": "Sigmoid", "nn.sigmoid": "Sigmoid", "math.tanh": "Tanh",
        "nn.tanh": "Tanh", "nn.silu": "Silu", "nn.swish": "Silu", "nn.elu": "Elu",
        "nn.selu": "Selu", "math.softplus": "Softplus", "nn.softplus": "Softplus",
        "expand_dims": "ExpandDims", "compat.v1.transpose": "Transpose", "transpose": "Transpose",
        "reshape": "Reshape", "cast": "Cast", "linalg.matmul": "Matmul", "identity": "StopGradient",
        "stop_gradient": "StopGradient", "__operators__.getitem": "GetItem",
        "compat.v1.pad": "Pad", "pad": "Pad",
    ]

    /// Activation functions by the names of their operations.
    private static let activations: [String: String] = [
        "Relu": "relu", "Relu6": "relu6", "Sigmoid": "sigmoid", "Tanh": "tanh", "Silu": "silu",
        "Softplus": "softplus", "Softsign": "softsign", "Selu": "selu", "HardSilu": "hard_silu",
        "HardSigmoid": "hard_sigmoid", "HardTanh": "hard_tanh", "TanhShrink": "tanh_shrink",
        "LogSigmoid": "log_sigmoid", "SparsePlus": "sparse_plus",
        "SparseSigmoid": "sparse_sigmoid", "Mish": "mish",
    ]

    /// The layer class that does the same as an operation.
    private static func layer(
        _ name: String, _ configuration: LayerConfiguration
    ) -> LayerConfiguration? {
        if let activation = activations[name] {
            return configuration.inner("Activation", ["activation": .string(activation)])
        }
        switch name {
        case "StopGradient", "Cast": return configuration.inner("Identity", [:])
        case "Concatenate":
            return configuration.inner(
                "Concatenate", ["axis": configuration.json["axis"] ?? -1])
        case "LeakyRelu", "Elu", "Celu", "Gelu", "SoftShrink", "HardShrink", "Threshold",
            "Squareplus", "Softmax", "LogSoftmax", "Sparsemax", "Glu":
            return configuration.inner(
                "Activation",
                ["activation": ["class_name": .string(name), "config": configuration.json]])
        default: return nil
        }
    }
}
