import Execution
import Foundation
package import ModelGraph

/// How far a network's outputs are from those of the base, on the same samples.
///
/// For an output that is a softmax, the Kullback-Leibler divergence of its distributions, in nats; for one that is a sigmoid, that of each
/// of its numbers, summed; for any other, half the squared error over the variance. Means over the samples, added up over the outputs.
package struct OutputDivergence: Sendable {
    enum Kind: Hashable, Sendable {
        case distribution, probabilities, values
    }

    private let kinds: [Kind]
    private let variances: [Double]
    /// What the base gives, for each output all samples.
    private let expected: [[Float]]
    private let samples: Int

    /// - Parameter expected: the base's outputs, all samples of each.
    init(_ graph: ModelGraph, expected: [[Float]], samples: Int) {
        kinds = graph.outputs.map { Self.kind(of: graph.layers[graph.nodes[$0.node].layer]) }
        self.expected = expected
        self.samples = samples
        variances = expected.map { values in
            let mean = values.reduce(0) { $0 + Double($1) } / Double(max(values.count, 1))
            let square = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
            return square / Double(max(values.count, 1))
        }
    }

    static func kind(of layer: Layer) -> Kind {
        let activation: ActivationFunction? =
            switch layer.definition {
            case let layer as ActivationLayer: layer.activation
            case let layer as Dense: layer.activation
            case let layer as Convolution: layer.activation
            default: nil
            }
        switch activation {
        case .softmax: return .distribution
        case .sigmoid: return .probabilities
        default: return .values
        }
    }

    /// The divergence of some outputs, all samples of each.
    func value(_ found: [[Float]]) -> Double {
        var sum = 0.0
        for (index, values) in found.enumerated() {
            let base = expected[index]
            guard values.count == base.count, !values.isEmpty else { continue }
            var part = 0.0
            switch kinds[index] {
            case .distribution:
                for (p, q) in zip(base, values) { part += Self.information(p, q) }
            case .probabilities:
                for (p, q) in zip(base, values) {
                    part += Self.information(p, q) + Self.information(1 - p, 1 - q)
                }
            case .values:
                for (p, q) in zip(base, values) {
                    part += (Double(p) - Double(q)) * (Double(p) - Double(q)) / 2
                }
                part /= max(variances[index], 1e-30) * Double(values.count / max(samples, 1))
            }
            sum += part / Double(max(samples, 1))
        }
        return sum
    }

    private static func information(_ p: Float, _ q: Float) -> Double {
        p > 0 ? Double(p) * (log(Double(p)) - log(max(Double(q), 1e-12))) : 0
    }

}

extension OutputDivergence {
    /// How far a variant's outputs are from the base's.
    ///
    /// - Parameters:
    ///   - variant: a network with the same inputs and outputs.
    ///   - samples: on which both are run.
    package static func measure(
        _ variant: ModelGraph, against base: ModelGraph, on samples: any CalibrationSamples
    ) throws -> Double {
        func outputs(_ graph: ModelGraph) throws -> [[Float]] {
            let shapes = try graph.inferShapes(
                inputs: samples.sampleShapes.map { Shape([nil] + $0) })
            return try OutputRun(ActivationWalk(graph, shapes: shapes, samples: samples))
                .outputs(of: graph)
        }
        let expected = try outputs(base)
        return OutputDivergence(base, expected: expected, samples: samples.count)
            .value(try outputs(variant))
    }
}
