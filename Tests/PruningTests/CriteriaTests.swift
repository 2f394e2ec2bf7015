import Foundation
import ModelGraph
import OrderedCollections
import OrderedJSON
import Testing

@testable import Pruning

/// Importances against numpy's; see `Fixtures/make_criteria.py`.
@Suite struct CriteriaTests {
    let fixture: JSON
    let model: PrunableModel

    init() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/criteria.json")
        let fixture = try JSON(parsing: Array(Data(contentsOf: url)))
        self.fixture = fixture
        var builder = NetworkBuilder()
        let input = try builder.input([4, 4, 4])
        let a = try builder.add("Conv2D", "a", ["filters": 6, "kernel_size": [3, 3]], [input])
        let normal = try builder.add("BatchNormalization", "n", ["axis": -1], [a])
        let b = try builder.add("Conv2D", "b", ["filters": 8, "kernel_size": [1, 1]], [normal])
        let flat = try builder.add("Flatten", "flat", [:], [b])
        builder.graph.outputs = [try builder.add("Dense", "d", ["units": 5], [flat])]
        for layer in builder.graph.layers.indices {
            let name = builder.graph.layers[layer].name
            builder.graph.layers[layer].weights = builder.graph.layers[layer].weights.map {
                let stored = fixture["weights"]?["\(name)/\($0.role)"]
                return Weight(
                    role: $0.role, shape: $0.shape,
                    values: stored.flatMap(Self.floats) ?? []
                )
            }
        }
        model = try PrunableModel(builder.graph)
    }

    private static func floats(_ json: JSON) -> [Float]? {
        (json["values"] ?? json).array?.compactMap { $0.double.map(Float.init) }
    }

    @Test(arguments: ["l1", "l2", "batch-norm-scale", "geometric-median"])
    func importance(name: String) throws {
        let criterion = try CriterionRegistry.criterion(named: name)
        #expect(criterion.name == name)
        let found = try criterion.importance(of: model)
        for (group, values) in zip(model.groups.groups, found) where group.name != "d" {
            let stored = fixture["importance"]?[name]?[group.name]?.array ?? []
            let expected = stored.compactMap(\.double)
            try #require(values.count == expected.count)
            for (value, expected) in zip(values, expected) {
                #expect(abs(value - expected) <= 1e-5 * abs(expected), "\(name), \(group.name)")
            }
        }
    }

    @Test(arguments: ["2:4", "1:4"]) func patternsAreNumpys(text: String) throws {
        let pattern = try #require(SparsityPattern(text))
        let graph = model.graph
        let sparse = try graph.sparsified(.pattern(pattern, of: graph.kernels()))
        for report in sparse.kernels {
            let weight = try #require(
                sparse.graph.layers[report.kernel.layer].weight(report.kernel.role))
            let expected = fixture["patterns"]?[text]?[report.kernel.name].flatMap(Self.floats)
            #expect(weight.floats() == expected)
            #expect(weight.floats().count { $0 == 0 } == report.zeros)
        }
    }

    @Test func valuesOfEveryGroupHaveTheMeanOne() throws {
        for name in CriterionRegistry.names {
            for values in try CriterionRegistry.criterion(named: name).importance(of: model) {
                let mean = values.reduce(0, +) / Double(values.count)
                #expect(abs(mean - 1) < 1e-9)
                #expect(values.allSatisfy { $0 >= 0 })
            }
        }
    }

    @Test func randomDependsOnTheSeedOnly() throws {
        let once = try RandomCriterion(seed: 3).importance(of: model)
        #expect(try CriterionRegistry.criterion(named: "random:3").importance(of: model) == once)
        #expect(try RandomCriterion(seed: 4).importance(of: model) != once)
    }

    @Test func unknownNamesAreRefused() {
        let error = #expect(throws: PruningError.self) {
            try CriterionRegistry.criterion(named: "l3")
        }
        #expect(
            error?.description
                == "criterion 'l3': is not known; known are auto, l1, l2, batch-norm-scale, geometric-median, random and random:SEED, and with calibration data output-divergence, reconstruction, activation-l2"
        )
    }

    @Test func notANumberIsRefusedByName() throws {
        var graph = model.graph
        var values = graph.layers[1].weights[0].floats()
        values[5] = .nan
        graph.layers[1].weights[0] = graph.layers[1].weights[0].replacing(values: values)
        let broken = try PrunableModel(graph)
        for name in ["l1", "l2", "geometric-median"] {
            let error = #expect(throws: PruningError.self) {
                try CriterionRegistry.criterion(named: name).importance(of: broken)
            }
            #expect(error?.description == "weight 'a/kernel': holds values that are not finite")
        }
    }
}
