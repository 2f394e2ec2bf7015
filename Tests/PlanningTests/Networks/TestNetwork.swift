import ModelGraph
import OrderedJSON

/// Networks built by hand, with seeded weights.
struct TestNetwork {
    var graph = ModelGraph(name: "test", layers: [], nodes: [], inputs: [], outputs: [])
    var random: SeededGenerator
    private var count = 0
    private var shapes: TensorShapes

    init(seed: UInt64 = 1, input: [Int]) throws {
        random = SeededGenerator(seed: seed)
        shapes = try graph.inferShapes()
        let dimensions: [JSON] = [.null] + input.map { .integer($0) }
        graph.inputs = [try add("InputLayer", ["batch_shape": .array(dimensions)], [])]
    }

    var input: TensorReference { graph.inputs[0] }

    /// Adds a layer with random weights and calls it.
    mutating func add(
        _ className: String, name: String? = nil, _ configuration: JSON = [:],
        _ inputs: [TensorReference]
    ) throws -> TensorReference {
        count += 1
        let definition = try LayerRegistry.definition(
            className: className, configuration: configuration)
        var layer = Layer(
            path: [name ?? "\(className)-\(count)"], className: className,
            configuration: configuration, definition: definition)
        let node = Node(layer: graph.layers.count, inputs: inputs)
        let call = shapes.call(of: node)
        for specification in try definition.weights(for: call) {
            let elements = specification.shape.reduce(1, *)
            var state = random.next()
            let values = (0..<elements).map { _ -> Float in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let value = Float(state >> 40) / Float(1 << 23) - 1
                return specification.role == "moving_variance" ? value + 1.5 : value
            }
            layer.weights.append(
                Weight(role: specification.role, shape: specification.shape, values: values))
        }
        shapes.nodes.append(try definition.outputs(of: call))
        graph.layers.append(layer)
        graph.nodes.append(node)
        return TensorReference(node: graph.nodes.count - 1)
    }

    /// Convolution, batch normalisation and, if wanted, ReLU.
    mutating func convolution(
        _ input: TensorReference, _ filters: Int, _ size: Int, stride: Int = 1, relu: Bool = true,
        name: String? = nil
    ) throws -> TensorReference {
        var tensor = try add(
            "Conv2D", name: name,
            [
                "filters": .integer(filters), "kernel_size": [.integer(size), .integer(size)],
                "strides": [.integer(stride), .integer(stride)], "padding": "same",
                "use_bias": false,
            ], [input])
        tensor = try add("BatchNormalization", ["axis": -1], [tensor])
        return relu ? try add("ReLU", [:], [tensor]) : tensor
    }

    mutating func depthwise(_ input: TensorReference, stride: Int = 1) throws -> TensorReference {
        var tensor = try add(
            "DepthwiseConv2D",
            [
                "kernel_size": [3, 3], "strides": [.integer(stride), .integer(stride)],
                "padding": "same", "use_bias": false,
            ], [input])
        tensor = try add("BatchNormalization", ["axis": -1], [tensor])
        return try add("ReLU", [:], [tensor])
    }

    /// Global pooling and a dense layer with softmax.
    mutating func head(_ input: TensorReference, classes: Int) throws {
        let pooled = try add("GlobalAveragePooling2D", [:], [input])
        graph.outputs = [
            try add(
                "Dense", name: "logits",
                ["units": .integer(classes), "activation": "softmax"], [pooled])
        ]
    }
}

extension TestNetwork {
    /// Convolutions, pooling, flatten, two dense layers.
    static func plain(_ widths: [Int] = [8, 16], dense: Int = 12, seed: UInt64 = 1) throws
        -> ModelGraph
    {
        var net = try TestNetwork(seed: seed, input: [12, 12, 3])
        var tensor = net.input
        for width in widths {
            tensor = try net.convolution(tensor, width, 3)
            tensor = try net.add("MaxPooling2D", ["pool_size": [2, 2]], [tensor])
        }
        tensor = try net.add("Flatten", [:], [tensor])
        tensor = try net.add(
            "Dense", name: "hidden", ["units": .integer(dense), "activation": "relu"], [tensor])
        net.graph.outputs = [
            try net.add("Dense", name: "logits", ["units": 10, "activation": "softmax"], [tensor])
        ]
        return net.graph
    }

    /// Residual blocks, the second with a projection.
    static func residual(_ widths: [Int] = [8, 16], seed: UInt64 = 1) throws -> ModelGraph {
        var net = try TestNetwork(seed: seed, input: [16, 16, 3])
        var tensor = try net.convolution(net.input, widths[0], 3, name: "stem")
        for (stage, width) in widths.enumerated() {
            let stride = stage == 0 ? 1 : 2
            var branch = try net.convolution(tensor, width, 3, stride: stride)
            branch = try net.convolution(branch, width, 3, relu: false)
            let shortcut =
                stage == 0
                ? tensor : try net.convolution(tensor, width, 1, stride: stride, relu: false)
            tensor = try net.add("Add", [:], [shortcut, branch])
            tensor = try net.add("ReLU", [:], [tensor])
        }
        try net.head(tensor, classes: 10)
        return net.graph
    }

    /// Depthwise-separable blocks and a concatenation.
    static func separable(seed: UInt64 = 1) throws -> ModelGraph {
        var net = try TestNetwork(seed: seed, input: [16, 16, 3])
        var tensor = try net.convolution(net.input, 8, 3, stride: 2)
        tensor = try net.convolution(try net.depthwise(tensor), 16, 1)
        let wide = try net.convolution(try net.depthwise(tensor), 16, 1)
        tensor = try net.add("Concatenate", ["axis": -1], [tensor, wide])
        tensor = try net.convolution(try net.depthwise(tensor, stride: 2), 24, 1)
        try net.head(tensor, classes: 10)
        return net.graph
    }

    /// ResNet-50 (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016).
    static func resNet50(side: Int = 224) throws -> ModelGraph {
        var net = try TestNetwork(input: [side, side, 3])
        var tensor = try net.convolution(net.input, 64, 7, stride: 2)
        tensor = try net.add(
            "MaxPooling2D", ["pool_size": [3, 3], "strides": [2, 2], "padding": "same"], [tensor])
        for (stage, blocks) in [3, 4, 6, 3].enumerated() {
            let width = 64 << stage
            for block in 0..<blocks {
                let stride = block == 0 && stage > 0 ? 2 : 1
                var branch = try net.convolution(tensor, width, 1, stride: stride)
                branch = try net.convolution(branch, width, 3)
                branch = try net.convolution(branch, width * 4, 1, relu: false)
                let shortcut =
                    block > 0
                    ? tensor
                    : try net.convolution(tensor, width * 4, 1, stride: stride, relu: false)
                tensor = try net.add("Add", [:], [shortcut, branch])
                tensor = try net.add("ReLU", [:], [tensor])
            }
        }
        try net.head(tensor, classes: 1000)
        return net.graph
    }
}
