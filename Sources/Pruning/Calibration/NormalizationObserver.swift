import Execution
import Foundation
import ModelGraph

/// Takes the means and variances of what one call of a batch normalisation reads.
final class NormalizationObserver {
    /// What looks at a batch, on any thread.
    struct Watch: Sendable {
        var input: TensorReference
        var channels: Int
        /// Elements from one channel to the next.
        var step: Int
        /// About which squares are summed up: the moving means, near those of the data if all is well.
        var origins: [Float]
        var sampleSize: Int
    }

    /// Sums over one batch, about the origins.
    struct Piece: Sendable {
        var count = 0
        var sums: [Double]
        var squares: [Double]
    }

    let layer: Int
    let watch: Watch
    private var total: Piece

    var input: TensorReference { watch.input }

    private init(layer: Int, _ watch: Watch) {
        self.layer = layer
        self.watch = watch
        let zeros = [Double](repeating: 0, count: watch.channels)
        total = Piece(sums: zeros, squares: zeros)
    }

    /// One for each call of each batch normalisation, in the order of the network.
    static func all(of walk: ActivationWalk) -> [NormalizationObserver] {
        walk.graph.nodes.compactMap { node in
            let layer = walk.graph.layers[node.layer]
            guard let definition = layer.definition as? BatchNormalization,
                let mean = layer.weight("moving_mean")?.floats(),
                layer.weight("moving_variance")?.elementCount == mean.count,
                let input = node.inputs.first, let size = walk.shapes[input].sampleElementCount,
                let axis = walk.shapes[input].axis(definition.axis), axis > 0,
                walk.shapes[input][axis] == mean.count
            else { return nil }
            let step = walk.sampleShape(of: input)[axis...].reduce(1, *)
            return NormalizationObserver(
                layer: node.layer,
                Watch(
                    input: input, channels: mean.count, step: step, origins: mean,
                    sampleSize: size))
        }
    }

    func add(_ piece: Piece) { total.add(piece) }

    /// The figures of all layers; calls of a shared one count together.
    static func figures(
        _ observers: [NormalizationObserver], of graph: ModelGraph
    ) -> [CalibrationCheck.Normalization] {
        var order: [Int] = []
        var totals: [Int: Piece] = [:]
        for observer in observers {
            if totals[observer.layer] == nil { order.append(observer.layer) }
            totals[observer.layer, default: observer.total.emptied].add(observer.total)
        }
        return order.compactMap { index in
            let layer = graph.layers[index]
            guard let total = totals[index], total.count > 0,
                let definition = layer.definition as? BatchNormalization,
                let variances = layer.weight("moving_variance")?.floats()
            else { return nil }
            var figures = CalibrationCheck.Normalization(
                layer: layer.name, meanShift: 0, varianceRatio: 0)
            for (channel, variance) in variances.enumerated() {
                let expected = max(Double(variance), 0) + definition.epsilon
                let mean = total.sums[channel] / Double(total.count)
                let found = max(total.squares[channel] / Double(total.count) - mean * mean, 0)
                let ratio = log((found + definition.epsilon) / expected)
                figures.meanShift += mean * mean / expected / Double(variances.count)
                figures.varianceRatio += ratio * ratio / Double(variances.count)
            }
            return figures
        }
    }
}

extension NormalizationObserver.Piece {
    var emptied: Self {
        let zeros = [Double](repeating: 0, count: sums.count)
        return Self(sums: zeros, squares: zeros)
    }

    mutating func add(_ other: Self) {
        count += other.count
        for channel in sums.indices {
            sums[channel] += other.sums[channel]
            squares[channel] += other.squares[channel]
        }
    }
}

extension NormalizationObserver.Watch {
    func observe(
        _ tensors: [TensorReference: Tensor], _ range: Range<Int>
    ) -> NormalizationObserver.Piece {
        let zeros = [Double](repeating: 0, count: channels)
        var piece = NormalizationObserver.Piece(sums: zeros, squares: zeros)
        guard let tensor = tensors[input] else { return piece }
        for offset in 0..<range.count {
            tensor.withSample(offset, size: sampleSize) { values in
                for start in stride(from: 0, to: sampleSize, by: step) {
                    let channel = start / step % channels
                    for index in start..<start + step {
                        let value = Double(values[index] - origins[channel])
                        piece.sums[channel] += value
                        piece.squares[channel] += value * value
                    }
                }
            }
        }
        piece.count = range.count * sampleSize / channels
        return piece
    }
}
