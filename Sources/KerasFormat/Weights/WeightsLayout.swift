import ModelGraph
import OrderedJSON

/// Names and order of the newer HDF5 layout: a group per layer, named after its class, with its
/// variables numbered in a group `vars`, and groups for the layers that it holds in turn.
///
/// Source: `keras/src/saving/saving_lib.py` of Keras 3, and the files that it writes.
enum WeightsLayout {
    static let layers = "layers"
    static let variables = "vars"
    /// What `layers` was called when the layout was new.
    static let oldLayers = "_layer_checkpoint_dependencies"

    /// `separable_conv2d` for `SeparableConv2D`, as Keras's `to_snake_case`.
    static func snakeCase(_ className: String) -> String {
        let name = Array(
            className.unicodeScalars.filter {
                $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil
            })
        func isUpper(_ scalar: Unicode.Scalar) -> Bool { ("A"..."Z").contains(scalar) }
        func isLower(_ scalar: Unicode.Scalar) -> Bool { ("a"..."z").contains(scalar) }
        // First in front of each capital that small letters follow, then between small and capital.
        var parted: [Unicode.Scalar] = []
        var index = 0
        while index < name.count {
            if !parted.isEmpty, index + 1 < name.count, isUpper(name[index]),
                isLower(name[index + 1]), name[index - 1] != "\n"
            {
                parted.append("_")
                parted.append(name[index])
                index += 1
                while index < name.count, isLower(name[index]) {
                    parted.append(name[index])
                    index += 1
                }
                // The letter behind the match can start no match of its own.
                if index < name.count {
                    parted.append(name[index])
                    index += 1
                }
                continue
            }
            parted.append(name[index])
            index += 1
        }
        var result = String.UnicodeScalarView()
        for (index, scalar) in parted.enumerated() {
            if index > 0, isUpper(scalar), isLower(parted[index - 1]) { result.append("_") }
            result.append(scalar)
        }
        return String(result).lowercased()
    }

    /// The groups of a model's layers: the class's name, numbered from the second of its kind on.
    static func groupNames(of children: [ModelScope.Child]) -> [String] {
        var counts: [String: Int] = [:]
        return children.map { child in
            // Old documents call functional models by the class above theirs.
            var className = child.className
            if className == "Model", case .model = child.content { className = "Functional" }
            // A registered class is called `package>Name`.
            let name = snakeCase(String(className.split(separator: ">").last ?? ""))
            let count = counts[name]
            counts[name] = (count ?? -1) + 1
            return count.map { "\(name)_\($0 + 1)" } ?? name
        }
    }

    /// The children of a model that have groups.
    ///
    /// Operations have none, and neither has the input layer of a Sequential model.
    static func children(of scope: ModelScope) -> [Int] {
        scope.children.indices.filter { index in
            let child = scope.children[index]
            let isHidden = scope.model.isSequential && index == 0 && child.className == "InputLayer"
            return !child.isOperation && !child.isImplied && !isHidden
        }
    }

    // MARK: Within a layer

    /// Layers that layers hold, in the order of the holding layer's weights; all others follow by name.
    private static let heldLayers = [
        "cell", "layer", "forward_layer", "backward_layer", "query_dense", "_query_dense",
        "key_dense", "_key_dense", "gate_dense", "_gate_dense", "value_dense", "_value_dense",
        "output_dense", "_output_dense",
    ]

    /// Whether the group `a` comes before `b`.
    static func precedes(_ a: String, _ b: String) -> Bool {
        func rank(_ name: String) -> Int {
            name == variables ? -1 : heldLayers.firstIndex(of: name) ?? heldLayers.count
        }
        if rank(a) != rank(b) { return rank(a) < rank(b) }
        let (x, y) = (numbered(a), numbered(b))
        return x.name != y.name ? x.name < y.name : x.number < y.number
    }

    /// `cell_10` comes behind `cell_9`.
    private static func numbered(_ name: String) -> (name: String, number: Int) {
        guard let underscore = name.lastIndex(of: "_"),
            let number = Int(name[name.index(after: underscore)...])
        else { return (name, Int(name) ?? -1) }
        return (String(name[..<underscore]), number)
    }

    /// Where the weights of a layer stand below its group, in its order; nil if that is not known.
    static func paths(
        className: String, configuration: JSON, roles: [String], generation: KerasGeneration
    ) -> [String]? {
        func numbered(_ prefix: String, _ count: Int) -> [String] {
            (0..<count).map { "\(prefix)\(variables)/\($0)" }
        }
        func inner(_ key: String, _ roles: [String]) -> [String]? {
            guard let layer = configuration[key], let name = layer["class_name"]?.string else {
                return nil
            }
            return paths(
                className: name, configuration: layer["config"] ?? [:], roles: roles,
                generation: generation)
        }
        switch className {
        case "LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D":
            return numbered("cell/", roles.count)
        case "Bidirectional":
            let half = roles.count / 2
            guard let forward = inner("layer", Array(roles[..<half])),
                let backward = inner(
                    configuration["backward_layer"]?.isNull ?? true ? "layer" : "backward_layer",
                    Array(roles[half...]))
            else { return nil }
            return forward.map { "forward_layer/\($0)" } + backward.map { "backward_layer/\($0)" }
        case "TimeDistributed":
            return inner("layer", roles)?.map { "layer/\($0)" }
        case "MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention":
            let groups = roles.map { role -> String in
                let projection = String(role.split(separator: "/").first ?? "")
                return (generation == .two ? "_" : "")
                    + (projection == "attention_output" ? "output" : projection) + "_dense"
            }
            return groups.indices.map { index in
                let number = groups[..<index].filter { $0 == groups[index] }.count
                return "\(groups[index])/\(variables)/\(number)"
            }
        default:
            guard LayerRegistry.classNames.contains(className) else { return nil }
            return numbered("", roles.count)
        }
    }
}
