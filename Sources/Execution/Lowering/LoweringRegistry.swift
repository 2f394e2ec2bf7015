import ModelGraph
import OrderedCollections

/// The layer classes that can be run.
enum LoweringRegistry {
    /// The rules of every kernel family.
    ///
    /// A new family is added here, and nowhere else but in its own file.
    private static var families: [[LoweringRule]] {
        [
            InputRules.all, ConvolutionRules.all, DenseRules.all, PoolingRules.all,
            NormalizationRules.all, ActivationRules.all, MergeRules.all, MovementRules.all,
            EmbeddingRules.all, EinsumRules.all, RecurrenceRules.all, WrapperRules.all,
            AttentionRules.all, OperationRules.all,
        ]
    }

    // Safe to share between threads: rules hold functions without state, and are only read.
    nonisolated(unsafe) private static let rules: [ObjectIdentifier: LoweringRule] = Dictionary(
        families.joined().map { ($0.definition, $0) }, uniquingKeysWith: { first, _ in first })

    /// Writes a call of a layer as operations.
    ///
    /// - Throws: ``ExecutionError`` naming the layer, for a class that cannot be run too.
    static func lower(
        _ definition: any LayerDefinition, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> [Value] {
        guard let rule = rules[ObjectIdentifier(type(of: definition))] else {
            throw ExecutionError(
                .unsupported, layer: site.layer.name,
                "the class '\(site.layer.className)' cannot be run")
        }
        do throws(ExecutionError) {
            return try rule.lower(definition, site, &builder)
        } catch { throw error.at(site.layer.name) }
    }
}

extension ProgramBuilder {
    /// Writes a whole graph as a program.
    ///
    /// - Parameter shapes: the shape of every tensor, none of them with unknown dimensions.
    /// - Returns: the program and the value of each output of each node.
    static func program(
        for graph: ModelGraph, shapes: TensorShapes
    ) throws(ExecutionError) -> (program: Program, values: [[Value]]) {
        var builder = ProgramBuilder()
        var values: [[Value]] = []
        for (index, node) in graph.nodes.enumerated() {
            builder.node = index
            let layer = graph.layers[node.layer]
            if graph.inputs.contains(where: { $0.node == index }) {
                let shape = try concrete(shapes.nodes[index][0], at: layer.name)
                let input = builder.program.add(ValueDescription(shape: shape))
                values.append([input])
                continue
            }
            let inputs = node.inputs.map { values[$0.node][$0.output] }
            var site = LayerSite(layer: layer, call: shapes.call(of: node), inputs: inputs)
            builder.takeMasks(from: &site)
            let outputs = try LoweringRegistry.lower(layer.definition, site, &builder)
            for (output, shape) in zip(outputs, shapes.nodes[index])
            where !shape.isCompatible(with: Shape(builder.shape(output))) {
                throw ExecutionError(
                    .shape, layer: layer.name,
                    "gives \(Shape(builder.shape(output))), not \(shape) as its settings say")
            }
            guard outputs.count >= shapes.nodes[index].count else {
                throw ExecutionError(.shape, layer: layer.name, "gives too few tensors")
            }
            if let output = outputs.first {
                builder.passMask(layer.definition, site.inputs, to: output)
            }
            values.append(outputs)
        }
        builder.program.inputs = graph.inputs.map { values[$0.node][$0.output] }
        builder.program.outputs = graph.outputs.map { values[$0.node][$0.output] }
        return (builder.program, values)
    }

    private static func concrete(
        _ shape: Shape, at layer: String
    ) throws(ExecutionError) -> [Int] {
        let dimensions = shape.dimensions.compactMap(\.self)
        guard dimensions.count == shape.rank, dimensions.allSatisfy({ $0 > 0 }) else {
            throw ExecutionError(
                .shape, layer: layer, "the input's size \(shape) is not known; give its shape")
        }
        try MemoryPlan.check(dimensions)
        return dimensions
    }

    /// Takes the masks that stand among a call's arguments, as Keras 3 writes them, out of it.
    private mutating func takeMasks(from site: inout LayerSite) {
        guard let mask = site.call.keywords["mask"] else { return }
        var start = site.call.arguments.reduce(0) { $0 + $1.tensors.count }
        for (keyword, argument) in site.call.keywords {
            if keyword == "mask" { break }
            start += argument.tensors.count
        }
        let end = start + mask.tensors.count
        guard end <= site.inputs.count else { return }
        if let first = site.inputs.first, case .tensor = mask {
            masks[first] = site.inputs[start]
        } else if case .list(let elements) = mask {
            var next = start
            for (position, element) in elements.enumerated() {
                guard case .tensor = element else { continue }
                masks[site.inputs[position]] = site.inputs[next]
                next += 1
            }
        }
        site.inputs.removeSubrange(start..<end)
        site.call.inputs.removeSubrange(start..<end)
        site.call.keywords["mask"] = nil
    }

    /// Marks the steps of a layer's output like those of its inputs, where Keras does.
    private mutating func passMask(
        _ definition: any LayerDefinition, _ inputs: [Value], to output: Value
    ) {
        let passes =
            definition is Identity || definition is ActivationLayer || definition is Dense
            || definition is BatchNormalization || definition is LayerNormalization
            || definition is ParametricReLU || definition is Merge || definition is TimeDistributed
        guard passes, masks[output] == nil, let first = inputs.first, let mask = masks[first],
            inputs.allSatisfy({ masks[$0] != nil }), shape(output).prefix(2) == shape(mask)[...]
        else { return }
        masks[output] = mask
    }
}
