import Foundation
import ModelGraph

/// The output by which a model is judged, and how its numbers are read.
package struct ModelOutput: Hashable, Sendable {
    /// What the numbers of a row are, read off the layer that makes them.
    package enum Kind: String, Hashable, Sendable {
        /// One for each class, made by a softmax or by sigmoids.
        case probabilities
        /// One for each class, before a softmax.
        case logits
        /// One, the probability of class 1.
        case probability
        /// One, before a sigmoid.
        case logit
    }

    /// Which of the model's outputs, from 0.
    package let index: Int
    /// The layer that makes it.
    package let layer: String
    package let kind: Kind
    /// Numbers in a row.
    package let width: Int
    /// Classes told apart: 2 where there is one number.
    package var classes: Int { max(width, 2) }

    /// Keras keeps probabilities that far from 0 and 1 before it takes their logarithm.
    private static let margin = 1e-7

    /// Chooses an output.
    ///
    /// - Parameter wanted: which one, from 0; nil takes the first with two axes.
    /// - Throws: ``CommandFailure`` if there is none, or the one wanted has other axes.
    init(_ graph: ModelGraph, wanted: Int?) throws {
        let shapes = try graph.inferShapes()
        let outputs = graph.outputs.map { shapes[$0] }
        func isRow(_ shape: Shape) -> Bool { shape.rank == 2 && (shape[1] ?? 0) > 0 }
        if let wanted, !outputs.indices.contains(wanted) {
            throw CommandFailure(
                .usage,
                "--output-index \(wanted): the model has the outputs 0 to \(outputs.count - 1)"
            )
        }
        let found = wanted ?? outputs.firstIndex(where: isRow)
        guard let found, isRow(outputs[found]), let width = outputs[found][1] else {
            let sizes = outputs.map(\.description).joined(separator: ", ")
            throw CommandFailure(
                .badData,
                "'\(graph.name)' cannot be judged by classes: an output of one row per sample is needed, and it gives \(sizes)"
            )
        }
        index = found
        self.width = width
        var reference = graph.outputs[found]
        layer = graph.layers[graph.nodes[reference.node].layer].name
        var function = ActivationFunction.linear
        search: while true {
            let node = graph.nodes[reference.node]
            switch graph.layers[node.layer].definition {
            case let dense as Dense: function = dense.activation
            case let convolution as Convolution: function = convolution.activation
            case let layer as ActivationLayer where layer.activation != .linear:
                function = layer.activation
            case is Identity, is Reshape, is Flatten, is ReshapeOperation, is AxisOperation,
                is ActivationLayer:
                guard let input = node.inputs.first else { break search }
                reference = input
                continue search
            default: break
            }
            break search
        }
        kind = Self.kind(function, width: width)
    }

    private static func kind(_ function: ActivationFunction, width: Int) -> Kind {
        switch function {
        case .sigmoid, .hardSigmoid, .oldHardSigmoid, .sparseSigmoid:
            width == 1 ? .probability : .probabilities
        case .softmax, .sparsemax: width == 1 ? .probability : .probabilities
        // A logarithm of probabilities is a logit too.
        default: width == 1 ? .logit : .logits
        }
    }

    /// The class that a row tells; of equal ones the first.
    func prediction(_ row: ArraySlice<Float>) -> Int {
        guard width > 1 else {
            return (row.first ?? 0) > (kind == .probability ? 0.5 : 0) ? 1 : 0
        }
        var best = row.startIndex
        for index in row.indices where row[index] > row[best] { best = index }
        return best - row.startIndex
    }

    /// Whether a class is among the five likeliest of a row; of equal ones the first come first.
    func isAmongFive(_ label: Int, _ row: ArraySlice<Float>) -> Bool {
        let place = row.startIndex + label
        let score = row[place]
        let before = row.indices.count { row[$0] > score || (row[$0] == score && $0 < place) }
        return before < 5
    }

    /// The logarithm of each class's probability, which Keras's cross-entropies take.
    ///
    /// - Returns: one number for each class.
    func logProbabilities(_ row: ArraySlice<Float>) -> [Double] {
        let numbers: [Double]
        switch kind {
        case .logits: numbers = row.map { Double($0) }
        case .probabilities:
            numbers = row.map { log(min(max(Double($0), Self.margin), 1 - Self.margin)) }
        case .logit: numbers = [0, Double(row.first ?? 0)]
        case .probability:
            let one = min(max(Double(row.first ?? 0), Self.margin), 1 - Self.margin)
            numbers = [log(1 - one), log(one)]
        }
        // Their exponentials add up to one afterwards.
        let largest = numbers.max() ?? 0
        let sum = log(numbers.reduce(0) { $0 + exp($1 - largest) }) + largest
        return numbers.map { $0 - sum }
    }
}
