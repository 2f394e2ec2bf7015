import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

/// What is wrong with samples is said, and of good ones nothing is.
@Suite struct CalibrationCheckTests {
    private static let models = Truth.files("models", ending: ".h5")

    private func check(_ path: String, _ samples: MemorySamples) throws -> CalibrationCheck {
        try CalibrationCheck(try KerasModel.read(path: path).graph, samples: samples)
    }

    private func disagreement(_ check: CalibrationCheck) -> CalibrationCheck.Normalization? {
        for case .statisticsDisagree(let worst, _) in check.warnings { return worst }
        return nil
    }

    @Test(arguments: models) func trainingImagesAgreeWithTheNetwork(path: String) throws {
        for count in [64, 256] {
            let found = try check(path, Fashion.samples(count))
            #expect(disagreement(found) == nil, "\(found.normalizations)")
            for warning in found.warnings {
                switch warning {
                case .fewSamples, .constantSamples, .duplicatedSamples, .statisticsDisagree:
                    Issue.record("\(path), \(count): \(warning)")
                case .fewRows, .deadChannels, .rankDeficient: break
                }
            }
        }
    }

    @Test(arguments: models.filter { !$0.contains("vgg") }, ["noise", "inverted", "unscaled"])
    func otherImagesDoNot(path: String, kind: String) throws {
        var random = SeededGenerator(seed: 1)
        let samples =
            switch kind {
            case "noise": try Fashion.samples(128) { _ in Float.random(in: 0...1, using: &random) }
            case "inverted": try Fashion.samples(128) { 1 - $0 }
            default: try Fashion.samples(128) { $0 * 255 }
            }
        let found = try check(path, samples)
        let worst = try #require(disagreement(found), "\(found.normalizations)")
        let figures = found.normalizations.map(\.figure)
        print("figures", URL(filePath: path).lastPathComponent, kind, worst, figures.min() ?? 0)
        #expect(worst.figure == figures.max())
    }

    private func network(_ activation: String = "linear") throws -> NetworkBuilder {
        var builder = NetworkBuilder(seed: 3)
        let input = try builder.input([4])
        let first = try builder.add(
            "Dense", "first", ["units": 6, "activation": .string(activation)], [input])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 2], [first])]
        return builder
    }

    @Test func figuresAreThoseOfTheData() throws {
        var builder = NetworkBuilder(seed: 3)
        let input = try builder.input([3, 2])
        let normal = try builder.add("BatchNormalization", "normal", ["epsilon": 0], [input])
        builder.graph.outputs = [normal]
        builder.graph.change("normal", "moving_mean") { $0 = [1, 3] }
        builder.graph.change("normal", "moving_variance") { $0 = [4, 1] }
        let values: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        let found = try CalibrationCheck(
            builder.graph, samples: MemorySamples([Tensor(shape: [2, 3, 2], values: values)]))
        // numpy: x = arange(1, 13).reshape(6, 2); ((x.mean(0) - [1, 3]) ** 2 / [4, 1]).mean(),
        // (log(x.var(0) / [4, 1]) ** 2).mean()
        let figures = try #require(found.normalizations.first)
        #expect(abs(figures.meanShift - 11.125) < 1e-9)
        #expect(abs(figures.varianceRatio - 3.5906977) < 1e-5)
        #expect(found.warnings.contains(.statisticsDisagree(figures, layers: 1)))
    }

    @Test func fewSamplesAndRows() throws {
        let graph = try network().graph
        let found = try CalibrationCheck(graph, samples: try randomSamples(of: graph, count: 7))
        #expect(found.warnings.contains(.fewSamples(count: 7, least: 64)))
        #expect(found.warnings.contains(.fewRows(layer: "first", rows: 7, features: 4)) == false)
        #expect(found.warnings.contains(.fewRows(layer: "out", rows: 7, features: 6)))
        let many = try CalibrationCheck(graph, samples: try randomSamples(of: graph, count: 64))
        #expect(many.samples == 64 && !many.warnings.contains { $0.isAboutCounts })
    }

    @Test func constantAndDuplicatedSamples() throws {
        let graph = try network().graph
        var tensor = try randomSamples(of: graph, count: 100).tensors(0..<100)[0]
        for (sample, value) in [(10, 0.5), (70, 0), (99, 0.5)] as [(Int, Float)] {
            for index in 0..<4 { tensor.values[sample * 4 + index] = value }
        }
        for sample in [65, 66] {
            for index in 0..<4 { tensor.values[sample * 4 + index] = tensor.values[8 + index] }
        }
        let found = try CalibrationCheck(graph, samples: MemorySamples([tensor]))
        #expect(found.warnings.contains(.constantSamples(count: 3, first: 10)))
        #expect(found.warnings.contains(.duplicatedSamples(count: 3, first: 65, original: 2)))
    }

    @Test func deadChannels() throws {
        var graph = try network("relu").graph
        graph.change("first", "bias") { values in
            values[1] = -100
            values[4] = -100
        }
        let found = try CalibrationCheck(graph, samples: try randomSamples(of: graph, count: 100))
        #expect(found.warnings == [.deadChannels(layer: "out", count: 2, of: 6)])
    }

    @Test func rankDeficientActivations() throws {
        // Six linear outputs of four numbers.
        let graph = try network().graph
        let found = try CalibrationCheck(graph, samples: try randomSamples(of: graph, count: 100))
        #expect(found.warnings == [.rankDeficient(layer: "out", rank: 4, features: 6)])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity], [0, 63, 64, 199])
    func samplesThatAreNotFinite(value: Float, sample: Int) throws {
        let graph = try network("relu").graph
        var tensor = try randomSamples(of: graph, count: 200).tensors(0..<200)[0]
        tensor.values[sample * 4 + 2] = value
        #expect(throws: PruningError(.samples, at: "\(sample)", "has a value that is not finite")) {
            try CalibrationCheck(graph, samples: MemorySamples([tensor]))
        }
    }

    @Test func samplesThatOverflow() throws {
        let graph = try network().graph
        var tensor = try randomSamples(of: graph, count: 70).tensors(0..<70)[0]
        for index in 0..<4 { tensor.values[67 * 4 + index] = index % 2 == 0 ? 3e38 : -3e38 }
        let error = #expect(throws: PruningError.self) {
            try CalibrationCheck(graph, samples: MemorySamples([tensor]))
        }
        #expect(error?.code == .samples && error?.place == "67")
    }

    @Test func noSamples() throws {
        let graph = try network().graph
        #expect(throws: PruningError(.samples, "there are none")) {
            try CalibrationCheck(
                graph, samples: MemorySamples([Tensor(shape: [0, 4], values: [])]))
        }
    }

    /// Every layer class, alone: the check gets through, twice alike.
    @Test(arguments: Truth.files("Tests/Reference/layers", ending: ".h5"))
    func everyLayer(path: String) throws {
        guard let graph = try? KerasModel.read(path: path).graph,
            (try? PreparedModel(graph)) != nil,
            !graph.layers.contains(where: { $0.className == "Embedding" })
        else { return }
        let samples = try randomSamples(of: graph, count: 5, scale: 0.1...1)
        #expect(
            try CalibrationCheck(graph, samples: samples)
                == CalibrationCheck(graph, samples: samples))
    }
}

extension CalibrationCheck.Warning {
    fileprivate var isAboutCounts: Bool {
        switch self {
        case .fewSamples, .fewRows: true
        default: false
        }
    }
}
