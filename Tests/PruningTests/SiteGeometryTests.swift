import Execution
import Foundation
import KerasFormat
import ModelGraph
import Testing

@testable import Pruning

/// A layer as matrix products must give what `Execution` gives, which is held against Keras elsewhere.
@Suite struct SiteGeometryTests {
    static let classes = ["dense", "conv", "depthwise", "separable", "time_distributed"]

    static var layers: [String] {
        Truth.files("Tests/Reference/layers", ending: ".h5").filter { path in
            let name = URL(filePath: path).lastPathComponent
            return classes.contains { name.hasPrefix($0) } || name.contains("block")
                || name.contains("nested") || name.contains("shared")
        }
    }

    @Test(arguments: layers) func featuresTimesKernelIsTheLayer(path: String) throws {
        let name = URL(filePath: path).lastPathComponent
        var random = SeededGenerator(seed: Truth.seed(name))
        let graph = try KerasModel.read(path: path).graph
        guard let inputs = try Truth.inputs(of: graph, random: &random) else { return }
        let shapes = try graph.inferShapes(
            inputs: inputs.map { Shape([nil] + $0.shape.dropFirst().map(Optional.some)) })
        for site in LinearSite.sites(of: graph) {
            for call in site.nodes.indices {
                try compare(site, call, graph, shapes, inputs, name)
            }
        }
    }

    @Test func everyLinearClassIsSeen() throws {
        var kinds: Set<String> = []
        for path in Self.layers {
            let graph = try KerasModel.read(path: path).graph
            for site in LinearSite.sites(of: graph) {
                kinds.insert(graph.layers[site.layer].className)
            }
        }
        #expect(
            kinds.isSuperset(of: [
                "Dense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose",
                "Conv3DTranspose", "DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D",
                "SeparableConv2D",
            ]))
    }

    /// Gathers at all places, multiplies, adds the bias, and holds that against the layer's output before its activation function.
    private func compare(
        _ site: LinearSite, _ call: Int, _ graph: ModelGraph, _ shapes: TensorShapes,
        _ inputs: [Tensor], _ name: String
    ) throws {
        let geometry = try #require(
            SiteGeometry(site, call: call, of: graph, shapes: shapes), "\(name)")
        let output = TensorReference(node: site.nodes[call])
        let source = try #require(graph.nodes[site.nodes[call]].inputs.first)
        let prepared = try PreparedModel(
            graph, inputShapes: inputs.map(\.shape),
            options: PreparationOptions(optimizes: false, captures: [source, output]))
        let captures = try prepared.capture(inputs).captures
        let input = try #require(captures[source])
        let expected = try #require(captures[output])
        let layer = graph.layers[site.layer]
        let kernel = try #require(layer.weight(site.role)).floats()
        let bias = layer.weight("bias")?.floats()
        var found = Tensor(shape: expected.shape, repeating: .nan)
        for sample in 0..<2 {
            for block in 0..<geometry.blocks {
                let matrix = geometry.matrix(kernel, block: block)
                var rows = [Float](repeating: .nan, count: geometry.places * geometry.features)
                input.withSample(sample, size: geometry.input.sampleSize) {
                    geometry.gather(
                        $0, places: Array(0..<geometry.places), block: block, into: &rows)
                }
                for place in 0..<geometry.places {
                    for out in 0..<geometry.outputsPerBlock {
                        let channel = block * geometry.outputsPerBlock + out
                        var sum = Double(bias?[channel] ?? 0)
                        for feature in 0..<geometry.features {
                            sum +=
                                matrix[out * geometry.features + feature]
                                * Double(rows[place * geometry.features + feature])
                        }
                        let steps = geometry.output
                        found.values[
                            sample * steps.sampleSize + place * steps.place
                                + channel * steps.channel] = Float(sum)
                    }
                }
            }
        }
        try activate(&found, site.activation)
        #expect(Truth.difference([found], [expected]) <= 1e-5, "\(name), \(layer.name)")
    }

    private func activate(_ tensor: inout Tensor, _ function: ActivationFunction) throws {
        if case .softmax = function {
            let width = try #require(tensor.shape.last)
            for start in stride(from: 0, to: tensor.values.count, by: width) {
                let exponentials = tensor.values[start..<start + width].map { exp(Double($0)) }
                let sum = exponentials.reduce(0, +)
                for (offset, value) in exponentials.enumerated() {
                    tensor.values[start + offset] = Float(value / sum)
                }
            }
        } else {
            tensor.values = tensor.values.map { function($0) }
        }
    }

    @Test(arguments: layers) func storingAMatrixGivesTheKernelBack(path: String) throws {
        let graph = try KerasModel.read(path: path).graph
        let shapes = try graph.inferShapes()
        for site in LinearSite.sites(of: graph) {
            guard let geometry = SiteGeometry(site, call: 0, of: graph, shapes: shapes) else {
                continue
            }
            let kernel = try #require(graph.layers[site.layer].weight(site.role)).floats()
            var copy = [Float](repeating: .nan, count: kernel.count)
            for block in 0..<geometry.blocks {
                geometry.store(geometry.matrix(kernel, block: block), block: block, into: &copy)
            }
            #expect(copy == kernel)
        }
    }
}
