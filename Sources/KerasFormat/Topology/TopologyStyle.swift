import ModelGraph
import OrderedCollections
import OrderedJSON

/// The two ways in which Keras spells a topology document.
///
/// HDF5 files hold the older one; `.keras` files name for every layer the module that has its class.
enum TopologyStyle {
    /// The older spelling.
    ///
    /// Operations keep their module: without it Keras itself cannot find them.
    static func older(_ document: JSON) -> JSON {
        guard var members = document.object else { return document }
        if let registered = members["registered_name"]?.string, registered.contains(">") {
            members["class_name"] = .string(registered)
        }
        for key in ["module", "registered_name", "build_config", "compile_config"] {
            members[key] = nil
        }
        members["config"] = members["config"].map { layers(of: $0, older) }
        return .object(members)
    }

    /// The newer spelling; what is spelled so already stays.
    static func newer(_ document: JSON, generation: KerasGeneration) -> JSON {
        guard var members = document.object else { return document }
        if members["module"] == nil {
            locate(&members, generation: generation)
        }
        members["config"] = members["config"].map {
            layers(of: $0) { newer($0, generation: generation) }
        }
        return .object(members)
    }

    /// The document with the modules of operations, which Keras 3 forgets in HDF5 files and without which
    /// it cannot load them.
    static func locatingOperations(_ document: JSON) -> JSON {
        guard var members = document.object, let config = members["config"] else {
            return document
        }
        if members["module"] == nil, isOperation(config: config) {
            locate(&members, generation: .three)
        }
        members["config"] = layers(of: config, locatingOperations)
        return .object(members)
    }

    private static func layers(of config: JSON, _ convert: (JSON) -> JSON) -> JSON {
        func converted(_ layer: JSON) -> JSON {
            // An operation is spelled the same everywhere, if it says where it is from.
            if layer["module"]?.string?.hasPrefix("keras.src.ops") ?? false { return layer }
            return convert(layer)
        }
        if let list = config.array { return .array(list.map(converted)) }
        guard let list = config["layers"]?.array else { return config }
        var config = config
        config["layers"] = .array(list.map(converted))
        return config
    }

    /// Adds the module of a layer, model or operation.
    private static func locate(
        _ members: inout OrderedDictionary<String, JSON>, generation: KerasGeneration
    ) {
        let className = members["class_name"]?.string ?? ""
        let config = members["config"] ?? [:]
        members["registered_name"] = .null
        if let name = className.split(separator: ">").last, className.contains(">") {
            members["module"] = .null
            members["class_name"] = .string(String(name))
            members["registered_name"] = .string(className)
        } else if className == "Sequential" {
            members["module"] = "keras"
        } else if config["layers"] != nil {
            // The one name by which both Keras 2 and Keras 3 find the class of old documents.
            let isOld = generation == .two
            members["module"] = isOld ? "keras" : "keras.src.models.functional"
            members["class_name"] = isOld ? "Model" : "Functional"
            members["registered_name"] = isOld ? .null : "Functional"
        } else if generation == .three, isOperation(config: config) {
            members["module"] = .string(operationModule(className))
            members["registered_name"] = .string(className)
        } else {
            members["module"] = "keras.layers"
        }
    }

    /// Whether the settings are an operation's: every layer of Keras 3 says whether it is trained, an input
    /// layer what shape it has.
    static func isOperation(config: JSON) -> Bool {
        guard let members = config.object, members["name"] != nil else { return false }
        return ["trainable", "dtype", "batch_shape", "batch_input_shape", "layers"].allSatisfy {
            members[$0] == nil
        }
    }

    /// The module that defines an operation.
    private static func operationModule(_ className: String) -> String {
        for (module, names) in modules where names.contains(className) {
            return "keras.src.ops.\(module)"
        }
        return "keras.src.ops.numpy"
    }

    private static let modules: [(String, Set<String>)] = [
        (
            "nn",
            [
                "Relu", "Relu6", "Sigmoid", "SparseSigmoid", "Softplus", "Softsign", "SoftShrink",
                "SparsePlus", "Silu", "Squareplus", "LogSigmoid", "LeakyRelu", "HardSigmoid",
                "HardSilu", "HardTanh", "Elu", "Selu", "Gelu", "Celu", "Glu", "TanhShrink",
                "HardShrink", "Threshold", "Softmax", "LogSoftmax", "Sparsemax", "MaxPool",
                "AveragePool", "Conv", "DepthwiseConv", "SeparableConv", "ConvTranspose", "OneHot",
                "MultiHot", "Moments", "BatchNorm", "Normalize", "DotProductAttention",
                "RMSNorm", "LayerNorm", "Unfold", "Fold", "DepthToSpace", "SpaceToDepth",
            ]
        ),
        (
            "core",
            [
                "Cast", "Slice", "SliceUpdate", "Scatter", "ScatterUpdate", "Unstack",
                "StopGradient",
                "SaturateCast", "Cond", "Map", "Scan",
            ]
        ),
        ("math", ["Logsumexp", "TopK", "InTopK", "SegmentSum", "SegmentMax", "Rsqrt", "Erf"]),
        ("image", ["Resize", "AffineTransform", "PadImages", "CropImages", "RGBToGrayscale"]),
        ("linalg", ["Norm", "Inv", "Det", "SVD", "QR", "Cholesky", "Solve"]),
    ]
}
