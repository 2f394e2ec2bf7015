import ModelGraph
import OrderedJSON
import Testing

@Suite struct ValidationTests {
    private func small() throws -> ModelGraph {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 1)
        let conv = try builder.call(
            "Conv2D", ["filters": 4, "kernel_size": [3, 3]], [image], name: "conv")
        let pool = try builder.call("GlobalAveragePooling2D", [:], [conv], name: "pool")
        let dense = try builder.call("Dense", ["units": 2], [pool], name: "dense")
        return builder.finish(dense)
    }

    @Test func printsOneLineForEachNode() throws {
        let graph = try small()
        let text = graph.printed(shapes: try graph.validate())
        #expect(
            text == """
                model 'test': 4 layers, 50 parameters
                InputLayer0: InputLayer() -> 8×8×1
                conv: Conv2D(InputLayer0) -> 6×6×4, 40 parameters
                pool: GlobalAveragePooling2D(conv) -> 4
                dense: Dense(pool) -> 2, 10 parameters
                outputs: dense

                """)
    }

    @Test func wrongWeightNamesLayerRoleAndShapes() throws {
        var graph = try small()
        graph.layers[1].weights[0].shape = [3, 3, 4, 1]
        #expect {
            try graph.validate()
        } throws: { error in
            (error as? GraphError)?.description == """
                layer 'conv': its weight 'kernel' has the shape [3, 3, 4, 1], \
                its settings and inputs ask for [3, 3, 1, 4]
                """
        }
    }

    @Test func missingAndSurplusWeightsAreRefused() throws {
        var graph = try small()
        let bias = graph.layers[3].weights.removeLast()
        #expect(throws: GraphError(.weight, layer: "dense", "its weight 'bias' is missing")) {
            try graph.validate()
        }
        graph.layers[3].weights += [bias, Weight(role: "extra", shape: [1], values: [0])]
        #expect(throws: GraphError.self) { try graph.validate() }
        graph.layers[3].weights.removeLast()
        graph.layers[3].weights[1].shape = [2]
        try graph.validate()
        graph.layers[3].weights[0].storage = WeightStorage(byteCount: 4) { $0[0] = 0 }
        #expect(throws: GraphError.self) { try graph.validate() }
    }

    @Test func brokenReferencesAreRefused() throws {
        var graph = try small()
        graph.nodes[1].arguments = [.tensor(TensorReference(node: 2))]
        #expect(throws: GraphError.self) { try graph.validate() }
        graph = try small()
        graph.nodes[2].arguments = [.tensor(TensorReference(node: 1, output: 1))]
        #expect(throws: GraphError.self) { try graph.validate() }
        graph = try small()
        graph.outputs = [TensorReference(node: 9)]
        #expect(throws: GraphError.self) { try graph.validate() }
        graph = try small()
        graph.outputs = [TensorReference(node: 3, output: 2)]
        #expect(throws: GraphError.self) { try graph.validate() }
        graph = try small()
        graph.nodes[1].layer = 17
        #expect(throws: GraphError.self) { try graph.validate() }
        graph = try small()
        graph.inputs = []
        #expect(throws: GraphError.self) { try graph.validate() }
        graph = try small()
        graph.layers[3].path = ["pool"]
        #expect(throws: GraphError.self) { try graph.validate() }
    }

    @Test func unreachableNodesAreFound() throws {
        var graph = try small()
        graph.outputs = [TensorReference(node: 2)]
        try graph.validate()
        #expect(graph.unreachableNodes == [3])
        graph.nodes.removeLast()
        #expect(graph.uncalledLayers == [3])
    }

    /// Numbers as large as a file can hold give an error or a count, never a trap.
    @Test(arguments: [
        ("Conv2D", #"{"filters": 2147483647, "kernel_size": 2147483647, "padding": "same"}"#),
        (
            "Conv2D",
            #"{"filters": 2147483647, "kernel_size": 2147483647, "strides": 2147483647, "dilation_rate": 2147483647, "padding": "same"}"#
        ),
        ("Conv2D", #"{"filters": 4, "kernel_size": 9223372036854775807}"#),
        (
            "Conv2DTranspose",
            #"{"filters": 2147483647, "kernel_size": 2147483647, "strides": 2147483647}"#
        ),
        (
            "Conv2DTranspose",
            #"{"filters": 1, "kernel_size": 2147483647, "dilation_rate": 2147483647, "output_padding": 2147483647}"#
        ),
        ("DepthwiseConv2D", #"{"kernel_size": 1, "depth_multiplier": 2147483647}"#),
        ("SeparableConv2D", #"{"filters": 3, "kernel_size": 1, "depth_multiplier": 2147483647}"#),
        ("UpSampling2D", #"{"size": 2147483647}"#),
        ("ZeroPadding2D", #"{"padding": 2147483647}"#),
        ("Cropping2D", #"{"cropping": 2147483647}"#),
        ("Reshape", #"{"target_shape": [2147483647, 2147483647, 2147483647, 0, -1]}"#),
        ("Reshape", #"{"target_shape": [2147483647, 2147483647, 2147483647]}"#),
        ("MaxPooling2D", #"{"pool_size": 2147483647, "padding": "same"}"#),
        ("Dense", #"{"units": 2147483647}"#), ("Resizing", #"{"height": 2147483647, "width": 1}"#),
        ("AdaptiveMaxPooling2D", #"{"output_size": 2147483647}"#),
        ("GroupNormalization", #"{"groups": 2147483647}"#),
        ("BatchNormalization", #"{"axis": -9223372036854775808}"#),
        ("LayerNormalization", #"{"axis": [2147483648]}"#),
        ("Softmax", #"{"axis": -9223372036854775808}"#),
    ])
    func absurdNumbersDoNotTrap(_ className: String, _ text: String) throws {
        for shape: [Int?] in [
            [8, 8, 4], [2_147_483_647, 2_147_483_647, 3], [nil, nil, 4], [1, 0, 0],
        ] {
            var builder = GraphBuilder()
            let image = builder.input(shape[0], shape[1], shape[2])
            guard
                let definition = try? LayerRegistry.definition(
                    className: className, configuration: try JSON(parsing: text))
            else { continue }
            builder.graph.layers.append(
                Layer(
                    path: ["x"], className: className, configuration: [:], definition: definition))
            builder.graph.nodes.append(Node(layer: 1, inputs: [image]))
            let graph = builder.finish(TensorReference(node: 1))
            guard let shapes = try? graph.inferShapes() else { continue }
            let call = shapes.call(of: graph.nodes[1])
            _ = try? definition.weights(for: call)
            let work = definition.work(of: call, outputs: shapes.nodes[1])
            #expect((work?.multiplyAdds ?? 0) >= 0)
            if let costs = try? GraphCosts(graph, shapes: shapes) {
                #expect(costs.peakActivationBytes >= 0)
            }
        }
    }
}
