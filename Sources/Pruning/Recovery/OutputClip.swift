import ModelGraph

/// What an activation function behind a site does not let through: all that is below zero, and for some what is above a maximum.
///
///     conv → batch norm → add → relu
///
/// Where the base is below zero, any output below zero is as good, so the fit need not spend itself on it.
struct OutputClip: Sendable {
    /// For each output the factor and the summand of the batch normalisation between.
    var scales: [Float]
    var shifts: [Float]
    /// nil where nothing is cut off above.
    var maximum: Float?

    /// - Parameters:
    ///   - kept: the site's outputs that stay, as numbers of the base's.
    /// - Returns: nil if another function follows, or others read what comes before it.
    init?(
        _ site: LinearSite, tail: SiteTail, of model: PrunableModel,
        readers: [TensorReference: [Int]], kept: [Int]
    ) {
        let graph = model.graph
        scales = kept.map { _ in 1 }
        shifts = kept.map { _ in 0 }
        if tail.addition != nil, tail.others.isEmpty { return nil }
        var function = site.activation
        if function == .linear {
            guard let next = readers[tail.output], next.count == 1,
                !graph.outputs.contains(tail.output),
                let layer = graph.layers[graph.nodes[next[0]].layer].definition as? ActivationLayer
            else { return nil }
            function = layer.activation
        }
        guard case .relu(let maximum, 0, 0) = function else { return nil }
        self.maximum = maximum
        if let layer = tail.normalization {
            guard let all = tail.scales(in: graph),
                let mean = graph.layers[layer].weight("moving_mean")?.floats()
            else { return nil }
            let beta = graph.layers[layer].weight("beta")?.floats()
            scales = kept.map { Float(all[$0]) }
            shifts = kept.map { (beta?[$0] ?? 0) - mean[$0] * Float(all[$0]) }
        }
    }

    /// The bounds between which an output passes, before normalisation and sum.
    ///
    /// - Parameters:
    ///   - output: of all blocks.
    ///   - branch: what is added, over the scale.
    func bounds(output: Int, branch: Float) -> (lower: Float, upper: Float) {
        let scale = scales[output]
        guard abs(scale) > 1e-6 else { return (-.infinity, .infinity) }
        let zero = -shifts[output] / scale - branch
        let top = maximum.map { zero + $0 / scale } ?? (scale > 0 ? .infinity : -.infinity)
        return scale > 0 ? (zero, top) : (top, zero)
    }
}
