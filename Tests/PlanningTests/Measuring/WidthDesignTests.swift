import Contexts
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Planning
import Pruning
import Testing

/// The widths that `prune measure` gives a network, on the networks in `models/`.
@Suite struct WidthDesignTests {
    private static func analysis(_ name: String) throws -> ModelAnalysis {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "models/\(name).h5").path
        let model = try KerasModel.read(path: file)
        return ModelAnalysis(try PrunableModel(model.graph), fileBytes: 0)
    }

    @Test(arguments: ["fashion-resnet", "fashion-vgg", "fashion-mobilenet"], [3, 7])
    func startsWithTheNetworkAndRepeatsNothing(name: String, levels: Int) throws {
        let analysis = try Self.analysis(name)
        let groups = analysis.model.groups.groups
        let design = WidthDesign(analysis, multiple: 16, levels: levels)
        #expect(design.settings.first == groups.map(\.size))
        #expect(Set(design.settings).count == design.settings.count)
        #expect(design.settings.count <= levels * levels)
        for widths in design.settings {
            #expect(
                zip(groups, widths).allSatisfy { ($0.fewest...$0.size).contains($1) })
        }
    }

    /// Every convolution and dense layer is seen at all pairs of the widths that its sides have.
    @Test(arguments: ["fashion-resnet", "fashion-vgg", "fashion-mobilenet"])
    func everyLayerSeesAllPairsOfItsWidths(name: String) throws {
        let analysis = try Self.analysis(name)
        let design = WidthDesign(analysis, multiple: 16, levels: 3)
        struct Pair: Hashable {
            var input: Int
            var output: Int
        }
        var pairs: [String: Set<Pair>] = [:]
        for widths in design.settings {
            let plan = design.plan(widths, of: analysis.model)
            let graph = try analysis.model.pruned(by: plan).graph
            for layer in try analysis.summary(of: graph, fileBytes: 0).layers
            where [.convolution, .dense].contains(layer.operation) {
                pairs[layer.name, default: []].insert(
                    Pair(input: layer.inputChannels, output: layer.outputChannels))
            }
        }
        #expect(!pairs.isEmpty)
        for (layer, seen) in pairs {
            let sides = Set(seen.map(\.input)).count * Set(seen.map(\.output)).count
            #expect(seen.count == sides, "\(layer)")
        }
    }

    @Test func randomWidthsAreStepsOfTheHardware() throws {
        let analysis = try Self.analysis("fashion-vgg")
        let design = WidthDesign(analysis, multiple: 16, levels: 7)
        var number = 0.0
        for _ in 0..<20 {
            let widths = design.randomWidths {
                number = (number + 0.37).truncatingRemainder(dividingBy: 1)
                return number
            }
            for (group, width) in zip(analysis.model.groups.groups, widths) {
                #expect(width == group.size || width.isMultiple(of: 16) || width <= 8)
                #expect(width * 4 >= group.size)
            }
        }
    }
}

/// To which layer the engine's time is put down.
@Suite struct WorkloadAttributionTests {
    /// input → conv → norm → relu → add (with the input) → conv, a node for each.
    private static func graph() -> ModelGraph {
        let names = ["input", "conv1", "norm", "relu", "add", "conv2"]
        let inputs: [[Int]] = [[], [0], [1], [2], [3, 0], [4]]
        let nodes = inputs.enumerated().map { index, from in
            Node(layer: index, inputs: from.map { TensorReference(node: $0) })
        }
        let layers = names.map {
            Layer(
                path: [$0], className: "Opaque", configuration: .null,
                definition: OpaqueLayer(className: "Opaque"))
        }
        return ModelGraph(
            name: "n", layers: layers, nodes: nodes, inputs: [TensorReference(node: 0)],
            outputs: [TensorReference(node: 5)])
    }

    private static func workload(
        _ name: String, _ operation: LayerWorkload.Operation, isFused: Bool = false
    ) -> LayerWorkload {
        LayerWorkload(
            name: name, operation: operation, inputChannels: 1, outputChannels: 1,
            isFused: isFused)
    }

    private static let attribution = WorkloadAttribution(
        graph(),
        workloads: [
            workload("input", .dataMovement, isFused: true), workload("conv1", .convolution),
            workload("norm", .normalization, isFused: true),
            workload("relu", .elementWise, isFused: true), workload("add", .elementWise),
            workload("conv2", .convolution),
        ])

    @Test(arguments: [
        // An addition within a convolution is the convolution's.
        ([1, 2, 3, 4], 1), ([4], 4), ([5], 5),
        // What the cost model takes for fused, and the engine does alone, is its producer's.
        ([2], 1), ([3], 1), ([2, 3], 1),
        // What comes before everything is the first layer's.
        ([0], 1),
    ])
    func owner(nodes: [Int], workload: Int) {
        #expect(Self.attribution.owner(of: nodes) == workload)
    }

    @Test func nothingCountedHasNoOwner() {
        let none = WorkloadAttribution(
            Self.graph(),
            workloads: (0..<6).map { Self.workload("\($0)", .elementWise, isFused: true) })
        #expect(none.owner(of: [1, 2]) == nil)
        #expect(none.owner(of: [17]) == nil)
    }
}
