import ModelGraph

/// Follows means and covariances of channels through a model, from its weights alone.
///
/// A batch normalisation was told by the training data what mean and variance goes into it, so that it gives N(β, γ²). How channels
/// correlate follows from the kernels that make them and from how *their* inputs correlate, back to the
/// model's inputs, whose channels are taken for independent and evenly spread over 0 to 1. What goes into an activation function is
/// taken for normally distributed; what an addition adds up for independent.
///
/// Sources: Kim, Kim, Park, Choi, "Neuron Merging: Compensating for Pruned Neurons", NeurIPS 2020, and Srinivas and Babu,
/// "Data-free parameter pruning for Deep Neural Networks", BMVC 2015, replace a channel by the one most like it. Here
/// likeness is the covariance, and all that stay share in the replacement.
struct MomentFlow {
    let model: PrunableModel
    let cut: ChannelCut
    let recovery: DataFreeRecovery
    /// Of tensors that lose channels, as far as batch normalisations say them.
    private(set) var means: [TensorReference: (axis: Int, values: [Float])] = [:]
    /// By layer.
    private(set) var recoveries: [Int: LayerRecovery] = [:]

    /// Calls of each layer.
    private let calls: [Int: Int]
    /// Layers that read removed channels.
    private var readers: Set<Int> = []

    init(_ model: PrunableModel, cut: ChannelCut, recovery: DataFreeRecovery) {
        self.model = model
        self.cut = cut
        self.recovery = recovery
        calls = Dictionary(model.graph.nodes.map { ($0.layer, 1) }, uniquingKeysWith: +)
        // Without a normalisation nothing tells a mean, or could be told of variances.
        let isNormalized = model.graph.layers.contains { $0.definition is BatchNormalization }
        guard recovery == .merge || recovery == .means && isNormalized else { return }
        readers = Set(
            model.map.weights.lazy.filter {
                $0.value.use == .consumes && $0.value.labels.contains { cut.removes($0) }
            }.map(\.key.layer))
        let last = model.graph.nodes.lastIndex { readers.contains($0.layer) } ?? -1
        if let kept = model.keptMoments {
            kept.replay(model, through: last) { take($0) }
        } else {
            MomentPass(model).run(through: last) { take($0) }
        }
    }

    private mutating func take(_ finding: MomentPass.Finding) {
        switch finding {
        case .anchor(let tensor, let axis, let mean):
            guard !cut.removed(model.map.tensors[tensor]).isEmpty else { return }
            means[tensor] = (axis, mean)
        case .kernel(let node, let sums, let applied):
            let layer = model.graph.nodes[node].layer
            guard readers.contains(layer), model.graph.nodes[node].inputs.count == 1,
                calls[layer] == 1, let removed = removedInputs(of: layer, sums)
            else { return }
            recoveries[layer] = LayerRecovery(
                of: model.graph.layers[layer], kernel: sums.kernel, applied: applied, sums.moments,
                removed: removed,
                removedOutputs: cut.removed(model.map.tensors[TensorReference(node: node)])
                    .first { $0.axis == sums.axis }?.removed, recovery: recovery)
        }
    }

    /// Which channels of the input go; nil if none does, or not the same at all positions.
    private func removedInputs(of layer: Int, _ sums: MomentPass.KernelSum) -> [Bool]? {
        let key = WeightAxis(layer: layer, role: "kernel", axis: sums.inputAxis)
        guard let channels = model.map.weights[key], channels.use == .consumes,
            let removed = cut.removed(channels.labels)
        else { return nil }
        let count = sums.moments.input.count
        let first = Array(removed.prefix(count))
        guard removed.indices.allSatisfy({ removed[$0] == first[$0 % count] }) else { return nil }
        return first
    }
}
