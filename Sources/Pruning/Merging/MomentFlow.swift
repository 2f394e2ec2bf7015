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

    init(_ model: PrunableModel, cut: ChannelCut, recovery: DataFreeRecovery) {
        self.model = model
        self.cut = cut
        self.recovery = recovery
        calls = Dictionary(model.graph.nodes.map { ($0.layer, 1) }, uniquingKeysWith: +)
        // Without a normalisation nothing tells a mean, or could be told of variances.
        let isNormalized = model.graph.layers.contains { $0.definition is BatchNormalization }
        guard recovery == .merge || recovery == .means && isNormalized else { return }
        let readers = Set(
            model.map.weights.lazy.filter {
                $0.value.use == .consumes && $0.value.labels.contains { cut.removes($0) }
            }.map(\.key.layer))
        let last = model.graph.nodes.lastIndex { readers.contains($0.layer) } ?? -1
        var lastReaders: [TensorReference: Int] = [:]
        for index in model.graph.nodes.indices {
            for input in model.graph.nodes[index].inputs { lastReaders[input] = index }
        }
        // Covariances are large: each goes when its last reader has been.
        var moments: [TensorReference: ChannelMoments] = [:]
        for index in model.graph.nodes.indices where index <= last {
            let node = model.graph.nodes[index]
            let output = TensorReference(node: index)
            let found = visit(
                index, inputs: node.inputs.map { moments[$0] },
                isReader: readers.contains(node.layer)
            )?.checked
            if let found, lastReaders[output] != nil { moments[output] = found }
            if let found, found.isAnchored, found.positions.isEmpty,
                !cut.removed(model.map.tensors[output]).isEmpty
            {
                means[output] = (found.axis, found.mean.map(Float.init))
            }
            for input in node.inputs where lastReaders[input] == index { moments[input] = nil }
        }
    }

    private mutating func visit(
        _ index: Int, inputs: [ChannelMoments?], isReader: Bool
    ) -> ChannelMoments? {
        guard let sums = kernel(of: index, input: inputs.first ?? nil) else {
            return passed(index, inputs: inputs)
        }
        guard sums.work <= Self.workLimit else { return nil }
        let layer = model.graph.nodes[index].layer
        let applied = sums.moments.applied(to: sums.kernel)
        if isReader, inputs.count == 1, inputs[0] != nil, calls[layer] == 1,
            let removed = removedInputs(of: layer, sums)
        {
            recoveries[layer] = LayerRecovery(
                of: model.graph.layers[layer], kernel: sums.kernel, applied: applied, sums.moments,
                removed: removed,
                removedOutputs: cut.removed(model.map.tensors[TensorReference(node: index)])
                    .first { $0.axis == sums.axis }?.removed, recovery: recovery)
        }
        return ChannelMoments(
            axis: sums.axis,
            mean: sums.moments.mean(
                of: sums.kernel, bias: model.graph.layers[layer].weight("bias")?.floats()),
            covariance: sums.moments.covariance(of: sums.kernel, applied: applied)
        ).checked?.through(sums.activation)
    }

    /// Layers that would take more multiply-adds are not understood: the first dense layers of a VGG-16.
    private static let workLimit = 1e11

    /// A layer whose kernel sums over channels.
    struct KernelSum {
        var moments: KernelMoments
        /// `taps × channels × outputs`.
        var kernel: [Float]
        var inputAxis: Int
        /// Where the output's channels stand.
        var axis: Int
        var activation: ActivationFunction

        /// Multiply-adds that its covariances take.
        var work: Double {
            let rows = Double(moments.taps) * Double(moments.input.count)
            let outputs = Double(kernel.count) / max(rows, 1)
            return Double(kernel.count) * (Double(moments.taps + moments.input.count) + outputs)
        }
    }

    /// The kernel of a convolution or a dense layer; nil for any other layer.
    private func kernel(of index: Int, input: ChannelMoments?) -> KernelSum? {
        let layer = model.graph.layers[model.graph.nodes[index].layer]
        guard let weight = layer.weight("kernel"), weight.elementType.isFloatingPoint,
            let shape = model.graph.nodes[index].inputs.first.map({ model.shapes[$0] })
        else { return nil }
        switch layer.definition {
        case let convolution as Convolution where convolution.groups == 1:
            let window = convolution.window
            guard let count = shape[window.channelAxis],
                let input = input ?? .assumed(count: count, axis: window.channelAxis),
                input.axis == window.channelAxis, input.positions.isEmpty, input.count == count,
                convolution.filters <= ChannelMoments.largestCount
            else { return nil }
            return KernelSum(
                moments: KernelMoments(
                    input: input, window: window.size, dilation: window.dilation,
                    outputs: convolution.filters),
                kernel: weight.floats(), inputAxis: window.rank, axis: window.channelAxis,
                activation: convolution.activation)
        case let dense as Dense:
            let axis = shape.rank - 1
            guard let count = shape[axis], let input = input ?? .assumed(count: count, axis: axis),
                input.axis == axis, input.count * input.positions.reduce(1, *) == count,
                dense.units <= ChannelMoments.largestCount
            else { return nil }
            return KernelSum(
                moments: KernelMoments(input: input, window: input.positions, outputs: dense.units),
                kernel: weight.floats(), inputAxis: 0, axis: axis, activation: dense.activation)
        default: return nil
        }
    }

    /// Which channels of the input go; nil if none does, or not the same at all positions.
    private func removedInputs(of layer: Int, _ sums: KernelSum) -> [Bool]? {
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
