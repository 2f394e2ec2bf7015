import ModelGraph
import OrderedJSON

/// What numbers a model expects at one of its inputs, told by what reads it.
///
/// Numbers out of range say nothing: an embedding has no row for 0.37, and a network that begins with
/// `x / 255` sees next to nothing of numbers from 0 to 1.
struct InputRange: Hashable, Sendable {
    var lowest: Float
    var highest: Float
    /// Whether only whole numbers make sense.
    var isWhole = false

    /// The range of each input, in their order.
    ///
    /// - Parameter shapes: of all tensors.
    static func ranges(of graph: ModelGraph, shapes: TensorShapes) -> [InputRange] {
        let consumers = graph.consumers()
        return graph.inputs.map { input in
            var range = InputRange.usual(rank: shapes[input].rank)
            var open = [input]
            var seen: Set<TensorReference> = [input]
            while let tensor = open.popLast() {
                for node in consumers[tensor] ?? [] {
                    let layer = graph.layers[graph.nodes[node].layer]
                    range.adapt(to: layer.definition, weights: layer.weights)
                    guard layer.definition.passesValuesOn else { continue }
                    for output in shapes.nodes[node].indices {
                        let next = TensorReference(node: node, output: output)
                        if seen.insert(next).inserted { open.append(next) }
                    }
                }
            }
            if !range.isWhole { range.adapt(toTypeOf: graph.layers[graph.nodes[input.node].layer]) }
            return range
        }
    }

    /// Pixels from 0 to 1, features and signals around 0.
    private static func usual(rank: Int) -> InputRange {
        InputRange(lowest: rank >= 4 ? 0 : -1, highest: 1)
    }

    private mutating func adapt(to definition: any LayerDefinition, weights: [Weight]) {
        switch definition {
        case let embedding as Embedding: narrow(toBelow: embedding.vocabulary)
        case let wrapper as TimeDistributed: adapt(to: wrapper.inner, weights: weights)
        case let rescaling as Rescaling where !isWhole: adapt(to: rescaling)
        case let normalization as Normalization where !isWhole && !normalization.isInverse:
            adapt(to: normalization, weights: weights)
        default: break
        }
    }

    /// Indices of a table; of several tables the smallest.
    private mutating func narrow(toBelow count: Int) {
        let last = Float(max(count - 1, 0))
        highest = isWhole ? min(highest, last) : last
        (lowest, isWhole) = (0, true)
    }

    /// What becomes −1 to 1 where the layer takes something off, 0 to 1 otherwise.
    private mutating func adapt(to rescaling: Rescaling) {
        let ends = zip(rescaling.scale, Self.stretched(rescaling.offset, to: rescaling.scale.count))
            .filter { $0.0 != 0 }
            .flatMap { scale, offset in
                [offset < 0 ? -1 : 0, 1].map { Float(($0 - offset) / scale) }
            }
        guard let low = ends.min(), let high = ends.max(), low.isFinite, high.isFinite else {
            return
        }
        (lowest, highest) = (low, high)
    }

    private static func stretched(_ numbers: [Double], to count: Int) -> [Double] {
        numbers.count == count ? numbers : Array(repeating: numbers.first ?? 0, count: count)
    }

    /// Two standard deviations around the mean.
    private mutating func adapt(to normalization: Normalization, weights: [Weight]) {
        let means: [Double]
        let variances: [Double]
        if let stored = normalization.stored {
            (means, variances) = stored
        } else {
            func numbers(_ role: String) -> [Double] {
                weights.first { $0.role == role }?.floats().map(Double.init) ?? []
            }
            (means, variances) = (numbers("mean"), numbers("variance"))
        }
        let reach = zip(means, variances).map { ($0, 2 * max($1, 0).squareRoot()) }
        guard let low = reach.map({ $0 - $1 }).min(), let high = reach.map({ $0 + $1 }).max(),
            low.isFinite, high.isFinite, low < high
        else { return }
        (lowest, highest) = (Float(low), Float(high))
    }

    /// Inputs that are whole numbers by their type.
    private mutating func adapt(toTypeOf layer: Layer) {
        guard let type = layer.configuration["dtype"]?.string,
            type.contains("int") || type == "bool"
        else { return }
        (lowest, isWhole) = (0, true)
        if type == "uint8" { highest = 255 }
    }
}

extension LayerDefinition {
    /// Whether the layer hands on the values that it is given, if not all of them or elsewhere.
    fileprivate var passesValuesOn: Bool {
        switch self {
        case is InputLayer, is Identity, is Reshape, is Flatten, is Permute, is RepeatVector,
            is Concatenate, is Cropping, is ZeroPadding, is SliceOperation, is ReshapeOperation:
            true
        default: false
        }
    }
}
