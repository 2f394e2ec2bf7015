import Execution
import Foundation
import ModelGraph
import OrderedCollections
import OrderedJSON
import Testing

@testable import Pruning

/// Runs what pruning made, and compares.
enum Truth {
    /// The directory of the package.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The paths of the files in a directory of the package that end so, sorted.
    static func files(_ directory: String, ending: String) -> [String] {
        let directory = root.appending(path: directory).path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(ending) }.sorted().map { "\(directory)/\($0)" }
    }

    static func seed(_ text: String) -> UInt64 {
        var hash = StableHash()
        hash.add(text)
        return hash.value
    }

    /// Random inputs for a batch of 2; nil if the model does not tell its shapes.
    static func inputs(
        of graph: ModelGraph, random: inout SeededGenerator
    ) throws -> [Tensor]? {
        let shapes = try graph.inferShapes()
        var inputs: [Tensor] = []
        for input in graph.inputs {
            let dimensions = shapes[input].dimensions.dropFirst().compactMap(\.self)
            guard dimensions.count == shapes[input].rank - 1 else { return nil }
            let count = 2 * dimensions.reduce(1, *)
            inputs.append(
                Tensor(
                    shape: [2] + dimensions,
                    values: (0..<count).map { _ in Float.random(in: -1...1, using: &random) }))
        }
        return inputs
    }

    static func run(_ graph: ModelGraph, _ inputs: [Tensor]) throws -> [Tensor] {
        try PreparedModel(graph, inputShapes: inputs.map(\.shape)).run(inputs)
    }

    /// The largest difference relative to the largest value of the reference.
    static func difference(_ tensors: [Tensor], _ references: [Tensor]) -> Float {
        guard tensors.map(\.shape) == references.map(\.shape) else { return .infinity }
        var worst: Float = 0
        for (tensor, reference) in zip(tensors, references) {
            let scale = reference.values.reduce(Float(1e-3)) { max($0, abs($1)) }
            let difference = zip(tensor.values, reference.values).reduce(Float(0)) {
                ($1.0 - $1.1).isNaN ? .infinity : max($0, abs($1.0 - $1.1))
            }
            worst = max(worst, difference / scale)
        }
        return worst
    }

    /// A plan that keeps random units of the given groups and everything of the others.
    static func randomPlan(
        _ model: PrunableModel, cutting groups: [Int], random: inout SeededGenerator
    ) -> PruningPlan {
        var plan = PruningPlan(keepingAllOf: model, criterion: "random")
        for index in groups {
            let group = model.groups.groups[index]
            let importance = (0..<group.size).map { _ in Double.random(in: 0..<1, using: &random) }
            let count = Int.random(in: group.fewest..<group.size, using: &random)
            plan.groups[index].kept = group.keeping(count, importance: importance)
        }
        return plan
    }

    /// How the three ways of removing channels compare.
    struct Outcome {
        var shrunkFromMasked: Float
        var maskedFromZeroed: Float
        var folds: [FoldReport]
    }

    static func compare(
        _ model: PrunableModel, _ plan: PruningPlan, _ inputs: [Tensor]
    ) throws -> Outcome {
        let masked = try model.masked(by: plan)
        let expected = try run(masked.graph, inputs)
        let shrunk = try run(try model.shrunk(masked), inputs)
        let zeroed = try run(try model.kernelZeroed(by: plan), inputs)
        return Outcome(
            shrunkFromMasked: difference(shrunk, expected),
            maskedFromZeroed: difference(expected, zeroed), folds: masked.folds)
    }

    /// By how much the first layer that is not exact misses the bound that the report gives; at most 0 if it keeps it.
    ///
    /// Later layers get inputs that differ already, so that nothing can be said of them.
    static func excessAtEdges(
        _ model: PrunableModel, _ plan: PruningPlan, _ inputs: [Tensor]
    ) throws -> Float {
        let masked = try model.masked(by: plan)
        let inexact = masked.folds.filter { !$0.isExact }
        let first = model.graph.nodes.indices.first { node in
            inexact.contains { $0.layer == model.graph.layers[model.graph.nodes[node].layer].name }
        }
        guard let first else { return 0 }
        let layer = model.graph.nodes[first].layer
        let reports = inexact.filter { $0.layer == model.graph.layers[layer].name }
        guard reports.count == 1, let report = reports.first, report.problems.isEmpty,
            report.target != .nowhere, model.graph.nodes.filter({ $0.layer == layer }).count == 1
        else { return 0 }
        let output = TensorReference(node: first)
        let axes = model.map.tensors[output]?.axes.filter { $0.value.count == report.shift.count }
        guard let channels = axes?.keys.max() else { return 0 }
        func capture(_ graph: ModelGraph) throws -> Tensor {
            let prepared = try PreparedModel(
                graph, inputShapes: inputs.map(\.shape),
                options: PreparationOptions(captures: [output]))
            return try #require(try prepared.capture(inputs).captures[output])
        }
        let (a, b) = (try capture(masked.graph), try capture(model.kernelZeroed(by: plan)))
        let scale = b.values.reduce(Float(1e-3)) { max($0, abs($1)) }
        let inner = b.shape[(channels + 1)...].reduce(1, *)
        let isRemoved = model.map.tensors[output]?.axes[channels].map {
            ChannelCut(plan.groups, of: model).removed($0) ?? []
        }
        var worst = -Float.infinity
        for index in b.values.indices {
            let channel = index / inner % report.shift.count
            if isRemoved?.isEmpty == false, isRemoved?[channel] == true { continue }
            var difference = b.values[index] - a.values[index]
            if case .movingMean = report.target { difference -= report.shift[channel] }
            // No activation function rises faster than 1.2.
            worst = max(worst, abs(difference) - 1.2 * report.edge[channel] - 1e-4 * scale)
        }
        return worst
    }

    /// Cuts every group alone and all of them together, and checks each.
    ///
    /// - Parameter alone: at most so many groups are cut alone.
    /// - Returns: how many plans were checked.
    @discardableResult
    static func check(_ graph: ModelGraph, name: String, alone: Int = .max) throws -> Int {
        let seed = seed(name)
        var random = SeededGenerator(seed: seed)
        let model = try PrunableModel(graph)
        guard let inputs = try inputs(of: graph, random: &random) else { return 0 }
        let groups = model.groups.groups.indices.filter {
            let group = model.groups.groups[$0]
            return group.fewest < group.size
        }
        guard !groups.isEmpty else { return 0 }
        var cuts = groups.shuffled(using: &random).prefix(alone).map { [$0] }
        if groups.count > 1 || alone == 0 { cuts.append(groups) }
        for cut in cuts {
            let plan = randomPlan(model, cutting: cut, random: &random)
            let names = cut.map { model.groups.groups[$0].name }.joined(separator: ", ")
            let outcome = try compare(model, plan, inputs)
            let place: Comment = "\(name), seed \(seed), cutting \(names)"
            #expect(outcome.shrunkFromMasked <= 1e-4, place)
            if outcome.folds.allSatisfy(\.isExact) {
                #expect(outcome.maskedFromZeroed <= 1e-4, place)
            } else {
                #expect(try excessAtEdges(model, plan, inputs) <= 0, place)
            }
        }
        return cuts.count
    }
}

extension ModelGraph {
    /// The same network with a layer behind every input and dense ones before every output, so that the channels in between can go.
    ///
    /// - Parameter channelsFirst: whether the new channels stand along axis 1 instead of the last.
    /// - Returns: nil if it does not tell the shapes of its inputs.
    func surrounded(channelsFirst: Bool, random: inout SeededGenerator) throws -> ModelGraph? {
        var builder = NetworkBuilder()
        builder.random = random
        builder.graph.name = name
        let shapes = try inferShapes()
        var moved: [TensorReference: TensorReference] = [:]
        func map(_ argument: Argument) -> Argument {
            switch argument {
            case .tensor(let reference): .tensor(moved[reference] ?? reference)
            case .list(let arguments): .list(arguments.map(map))
            case .constant: argument
            }
        }
        builder.graph.layers = layers
        for (index, node) in nodes.enumerated() {
            var node = node
            node.arguments = node.arguments.map(map)
            for (key, argument) in node.keywords { node.keywords[key] = map(argument) }
            builder.graph.nodes.append(node)
            var output = TensorReference(node: builder.graph.nodes.count - 1)
            if inputs.contains(TensorReference(node: index)) {
                builder.graph.inputs.append(output)
                let shape = shapes.nodes[index][0]
                guard !shape.dimensions.dropFirst().contains(nil) else { return nil }
                output = try builder.add(before: shape, channelsFirst, "before_\(index)", output)
            }
            for number in shapes.nodes[index].indices {
                moved[TensorReference(node: index, output: number)] = TensorReference(
                    node: output.node, output: number)
            }
        }
        for (number, reference) in outputs.enumerated() {
            guard let output = moved[reference],
                shapes[reference].sampleElementCount != nil
            else { return nil }
            let flat = try builder.add("Flatten", "flat_\(number)", [:], [output])
            builder.graph.outputs.append(
                try builder.add("Dense", "after_\(number)", ["units": 3], [flat]))
        }
        random = builder.random
        return builder.graph
    }
}

extension NetworkBuilder {
    /// A layer that gives a tensor of the same shape, with channels of its own.
    fileprivate mutating func add(
        before shape: Shape, _ channelsFirst: Bool, _ name: String, _ input: TensorReference
    ) throws -> TensorReference {
        let rank = shape.rank - 2
        guard channelsFirst, (1...3).contains(rank), let channels = shape[1] else {
            return try add(
                "Dense", name,
                ["units": .integer((shape.dimensions.last ?? nil) ?? 1), "activation": "tanh"],
                [input])
        }
        return try add(
            "Conv\(rank)D", name,
            [
                "filters": .integer(channels), "activation": "tanh",
                "kernel_size": .array(Array(repeating: 1, count: rank)),
                "data_format": "channels_first",
            ], [input])
    }
}
