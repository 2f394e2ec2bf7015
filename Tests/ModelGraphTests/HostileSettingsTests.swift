import ModelGraph
import OrderedCollections
import OrderedJSON
import Testing

/// Settings that no Keras wrote: whatever stands there, the answer is a result or an error.
@Suite struct HostileSettingsTests {
    /// xorshift64*, so that a seed gives the same run everywhere.
    struct Random {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % bound
        }
    }

    private static let oddities: [JSON] = [
        nil, true, 0, 1, 2, 3, 7, -1, -2, 2_147_483_647, 2_147_483_648, 9_223_372_036_854_775_807,
        -9_223_372_036_854_775_808, 0.5, -1e308, 1e308, .real(.nan), .real(.infinity), "", "same",
        "causal", "channels_first", "relu", "glu", "softmax", "a", "...", [], [[]], [0], [1, 1],
        [-1, -1], [2_147_483_647, 2_147_483_647], [1, 2, 3], [nil, nil], [[1, 2], [3, 4]], [:],
        ["class_name": "Dense"], ["class_name": "LSTM", "config": ["units": 2_147_483_647]],
        ["class_name": "Bidirectional", "config": [:]],
    ]

    /// The same settings with one or two places, at any depth, made odd.
    private func mutated(_ json: JSON, _ random: inout Random) -> JSON {
        switch json {
        case .object(let members) where !members.isEmpty:
            let key = members.keys[random.next(members.count)]
            var json = json
            switch random.next(6) {
            case 0: json[key] = nil
            case 1, 2: json[key] = mutated(members[key] ?? nil, &random)
            default: json[key] = Self.oddities[random.next(Self.oddities.count)]
            }
            return json
        case .array(var elements) where !elements.isEmpty && random.next(3) > 0:
            let index = random.next(elements.count)
            elements[index] = mutated(elements[index], &random)
            return .array(elements)
        default: return Self.oddities[random.next(Self.oddities.count)]
        }
    }

    private func mutated(_ shape: Shape, _ random: inout Random) -> Shape {
        var shape = shape
        switch random.next(5) {
        case 0 where shape.rank > 1:
            let sizes: [Int?] = [nil, 0, 1, 2, 5, 2_147_483_647]
            shape[1 + random.next(shape.rank - 1)] = sizes[random.next(sizes.count)]
        case 1: shape.dimensions.append(3)
        case 2 where shape.rank > 0: shape.dimensions.removeLast()
        default: break
        }
        return shape
    }

    @Test(arguments: [
        UInt64(0x9E37_79B9_7F4A_7C15), 0xD1B5_4A32_D192_ED03, 0x2545_F491_4F6C_DD1D,
    ])
    func neverTrap(_ seed: UInt64) throws {
        var random = Random(state: seed)
        var (read, bound) = (0, 0)
        let prefixed = KerasTable.lines("operations").map { ("operation:", $0) }
        for (prefix, line) in KerasTable.lines("layers").map({ ("", $0) }) + prefixed {
            for _ in 0..<8 {
                let className = prefix + (line["class_name"]?.string ?? "")
                let settings = mutated(line["config"] ?? [:], &random)
                let definition = try? LayerRegistry.definition(
                    className: className, configuration: settings)
                guard let definition else { continue }
                read += 1
                let inputs = (line["input_shapes"]?.array ?? []).map {
                    mutated(Shape($0), &random)
                }
                var tensors = 0
                let arguments = line["arguments"]?.array?.map {
                    OperationShapesTests.argument($0, &tensors)
                }
                if try bind(definition, className, settings, inputs, arguments) { bound += 1 }
            }
        }
        // The comment prints the seed if something above fails; that most are read shows that the test bites.
        #expect(read > 1000 && bound > 500, "seed \(seed): \(read) read, \(bound) bound")
    }

    /// Puts the layer behind input layers, and asks it everything.
    private func bind(
        _ definition: any LayerDefinition, _ className: String, _ settings: JSON,
        _ inputs: [Shape], _ arguments: [Argument]?
    ) throws -> Bool {
        var builder = GraphBuilder()
        // A dense layer in front makes channels that the layer has to deal with.
        var tensors: [TensorReference] = []
        for shape in inputs {
            var tensor = builder.input(shape.dimensions.dropFirst())
            if shape.rank > 1, shape.dimensions.last == 4 || shape.dimensions.last == 8 {
                let width = shape.dimensions.last ?? nil
                tensor = try builder.call("Dense", ["units": .integer(width ?? 1)], [tensor])
            }
            tensors.append(tensor)
        }
        let offset = tensors
        func placed(_ argument: Argument) -> Argument {
            switch argument {
            case .tensor(let reference): .tensor(offset[min(reference.node, offset.count - 1)])
            case .list(let arguments): .list(arguments.map(placed))
            case .constant: argument
            }
        }
        let layer = builder.graph.layers.count
        builder.graph.layers.append(
            Layer(
                path: ["x"], className: className, configuration: settings, definition: definition))
        builder.graph.nodes.append(
            Node(layer: layer, arguments: arguments?.map(placed) ?? tensors.map { .tensor($0) }))
        var graph = builder.finish(TensorReference(node: builder.graph.nodes.count - 1))
        guard let shapes = try? graph.inferShapes() else { return false }
        let call = shapes.call(of: graph.nodes[layer])
        _ = definition.work(of: call, outputs: shapes.nodes[layer])
        _ = try? GraphCosts(graph, shapes: shapes)
        guard let specifications = try? definition.weights(for: call) else { return false }
        let count = specifications.map(\.shape.elementCount).reduce(0) { min($0 + $1, 1 << 30) }
        guard count < 1 << 18 else { return false }
        graph.layers[layer].weights = specifications.map {
            Weight(
                role: $0.role, shape: $0.shape,
                values: Array(repeating: 0.5, count: $0.shape.elementCount))
        }
        guard (try? graph.validate()) != nil else { return false }
        let map = graph.channelMap(shapes: shapes)
        emit(definition, call, shapes.nodes[layer], graph.layers[layer].weights)
        _ = definition.addingBias(settings)
        let resized = definition.resized(
            settings,
            to: ResizedLayer(
                inputs: call.inputs, outputs: shapes.nodes[layer],
                weights: graph.layers[layer].weights, originalInputs: call.inputs))
        // Nothing was cut, so that the settings still ask for the same weights.
        let again = try LayerRegistry.definition(className: className, configuration: resized)
        #expect(try again.weights(for: call) == specifications, "\(className): \(resized)")
        return map.labelCount >= 0
    }

    /// Lets half of the channels along each axis carry constants.
    private func emit(
        _ definition: any LayerDefinition, _ call: LayerCall, _ outputs: [Shape],
        _ weights: [Weight]
    ) {
        for axis in 1..<5 {
            let inputs = call.inputs.map { shape in
                let size = shape.dimensions.indices.contains(axis) ? shape[axis] ?? 0 : 0
                guard size > 0, size < 1 << 16 else { return TensorEmission() }
                return TensorEmission(
                    axis: axis,
                    channels: (0..<size).map {
                        $0 % 2 == 0 ? .live : .constant(-1.5, edge: 0.5)
                    })
            }
            let removed = outputs.map { shape -> (axis: Int, removed: [Bool])? in
                let size = shape.dimensions.indices.contains(axis) ? shape[axis] ?? 0 : 0
                guard size > 0, size < 1 << 16 else { return nil }
                return (axis, (0..<size).map { $0 % 2 == 1 })
            }
            let emission = EmissionCall(
                call: call, outputShapes: outputs, inputs: inputs, removedOutputs: removed,
                weights: weights)
            let emitted = definition.emit(emission)
            #expect(emitted.count <= max(outputs.count, 1))
            for folding in definition.fold(emission) {
                #expect(folding.shift.count == folding.edge.count)
            }
        }
    }
}

extension [Int] {
    /// The product, at most 2^40.
    var elementCount: Int {
        reduce(1) { product, size in Swift.min(product.saturatingTimes(size), 1 << 40) }
    }
}
