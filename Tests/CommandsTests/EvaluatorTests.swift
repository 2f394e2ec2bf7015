import Datasets
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

@testable import Commands

/// Scores, with numbers from Keras (`Fixtures/make_heads.py`, `DatasetsTests/Fixtures/make_fixtures.py`).
@Suite struct EvaluatorTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures")
    static let datasets = Prune.root.appending(path: "Tests/DatasetsTests/Fixtures")

    private func expected(_ folder: URL, _ keys: String...) throws -> JSON {
        let json = try JSON(parsing: Data(contentsOf: folder.appending(path: "expected.json")))
        return try keys.reduce(json) { try #require($0[$1]) }
    }

    private func evaluator(
        _ model: String, _ data: String, batch: Int = 32, threads: Int? = nil
    ) throws -> Evaluator {
        let graph = try KerasModel.read(path: model).graph
        var options = DatasetOptions()
        options.scalesBytes = !ModelInput.rescales(graph)
        return try Evaluator(
            graph, data: try Dataset.open(path: data, options: options), batch: batch,
            threads: threads)
    }

    @Test(arguments: [
        ("softmax", "rows-three", ModelOutput.Kind.probabilities),
        ("late-softmax", "rows-three", .probabilities), ("logits", "rows-three", .logits),
        ("sigmoids", "rows-three", .probabilities), ("binary", "rows-two", .probability),
        ("binary-logit", "rows-two", .logit), ("certain", "rows-three", .probabilities),
        ("two-outputs", "rows-three", .probabilities),
        ("rescaling", "images-three", .probabilities),
        ("arithmetic", "images-three", .probabilities),
        ("channels-first", "images-three", .probabilities),
        ("fixed-batch", "rows-three", .probabilities),
    ])
    func everyKindOfOutput(model: String, data: String, kind: ModelOutput.Kind) throws {
        // 37 samples in batches of 8: the last one is filled up.
        let evaluator = try evaluator(
            Self.folder.appending(path: model + ".keras").path,
            Self.folder.appending(path: data + ".npz").path, batch: 8)
        #expect(evaluator.output.kind == kind)
        #expect(evaluator.output.index == (model == "two-outputs" ? 1 : 0))
        let evaluation = try evaluator.evaluate()
        let truth = try expected(Self.folder, model)
        #expect(evaluation.predictions == truth["predictions"]?.array?.compactMap(\.integer))
        #expect(evaluation.accuracy == truth["accuracy"]?.double)
        let loss = try #require(truth["loss"]?.double)
        #expect(abs(try #require(evaluation.loss) - loss) < 1e-5 * max(loss, 1))
        #expect(evaluation.topFiveAccuracy == nil)
        #expect(evaluation.classes.reduce(0) { $0 + $1.count } == 37)
    }

    @Test(arguments: ["fashion-vgg", "fashion-resnet", "fashion-mobilenet"])
    func networksOnClothes(model: String) throws {
        let truth = try expected(Self.datasets, "clothes", model)
        let clothes = Self.datasets.appending(path: "clothes.npz").path
        var found: [Evaluation] = []
        for (batch, threads) in [(64, 1), (7, 2), (1, 1)] {
            var evaluation = try evaluator(
                Prune.model(model), clothes, batch: batch, threads: threads
            ).evaluate()
            #expect(evaluation.predictions == truth["predictions"]?.array?.compactMap(\.integer))
            #expect(Float(evaluation.accuracy ?? 0) == truth["accuracy"]?.double.map { Float($0) })
            #expect(
                Float(evaluation.topFiveAccuracy ?? 0) == truth["top-5"]?.double.map { Float($0) })
            let loss = try #require(truth["loss"]?.double)
            #expect(abs(try #require(evaluation.loss) - loss) < 1e-5)
            evaluation.seconds = 0
            found.append(evaluation)
        }
        #expect(found[0].classes == found[1].classes)
    }

    @Test func twoNetworksCompared() throws {
        let clothes = Self.datasets.appending(path: "clothes.npz").path
        let base = try evaluator(Prune.model("fashion-resnet"), clothes, batch: 10)
        let model = try evaluator(Prune.model("fashion-mobilenet"), clothes, batch: 10)
        let agreement = try #require(try model.evaluate(against: base).agreement)
        let truth = try expected(Self.folder, "pair")
        #expect(agreement.share == truth["agreement"]?.double)
        #expect(abs(agreement.divergence - (truth["divergence"]?.double ?? 0)) < 1e-5)
        let same = try #require(try model.evaluate(against: model).agreement)
        #expect(same.share == 1)
        #expect(same.divergence == 0)
    }

    @Test func equalScoresKeepTheirOrder() throws {
        let graph = try KerasModel.read(path: Prune.model("fashion-vgg")).graph
        let output = try ModelOutput(graph, wanted: nil)
        let row: ArraySlice<Float> = [0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0, 0, 0][...]
        #expect(output.prediction(row) == 1)
        #expect((0..<10).filter { output.isAmongFive($0, row) } == [1, 2, 3, 4, 5])
    }

    /// The accuracies that models/README.md tells, on all test images.
    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/share/datasets/fashion-mnist")),
        arguments: [
            ("fashion-resnet", 0.9231), ("fashion-vgg", 0.9145), ("fashion-mobilenet", 0.9229),
        ])
    func accuraciesThatAreTold(model: String, accuracy: Double) throws {
        let evaluation = try evaluator(
            Prune.model(model), "/usr/share/datasets/fashion-mnist"
        ).evaluate()
        #expect(evaluation.count == 10_000)
        #expect(evaluation.accuracy == accuracy)
        #expect(evaluation.classes.allSatisfy { $0.count == 1000 })
    }
}
