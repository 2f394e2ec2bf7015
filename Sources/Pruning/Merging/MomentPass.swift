import ModelGraph

/// One pass over a model that follows means and covariances of channels, whatever is removed.
struct MomentPass {
    /// What the pass comes by.
    enum Finding {
        /// A tensor whose means a batch normalisation says.
        case anchor(TensorReference, axis: Int, mean: [Float])
        /// A node whose kernel reads channels that are known, and what ``KernelMoments/applied(to:)`` makes of the kernel.
        case kernel(node: Int, KernelSum, applied: [Float])
    }

    let model: PrunableModel

    init(_ model: PrunableModel) { self.model = model }

    /// Follows the nodes in order.
    ///
    /// - Parameters:
    ///   - last: the last node that is looked at.
    ///   - found: is given what is found, in the order of nodes.
    func run(through last: Int, found: (Finding) -> Void) {
        var lastReaders: [TensorReference: Int] = [:]
        for index in model.graph.nodes.indices {
            for input in model.graph.nodes[index].inputs { lastReaders[input] = index }
        }
        // Covariances are large: each goes when its last reader has been.
        var moments: [TensorReference: ChannelMoments] = [:]
        for index in model.graph.nodes.indices where index <= last {
            let node = model.graph.nodes[index]
            let output = TensorReference(node: index)
            let known = visit(index, inputs: node.inputs.map { moments[$0] }, found)?.checked
            if let known, lastReaders[output] != nil { moments[output] = known }
            if let known, known.isAnchored, known.positions.isEmpty {
                found(.anchor(output, axis: known.axis, mean: known.mean.map(Float.init)))
            }
            for input in node.inputs where lastReaders[input] == index { moments[input] = nil }
        }
    }

    private func visit(
        _ index: Int, inputs: [ChannelMoments?], _ found: (Finding) -> Void
    ) -> ChannelMoments? {
        guard let sums = kernel(of: index, input: inputs.first ?? nil) else {
            return passed(index, inputs: inputs)
        }
        guard sums.work <= Self.workLimit else { return nil }
        let layer = model.graph.nodes[index].layer
        let applied = sums.moments.applied(to: sums.kernel)
        // What was only assumed of the model's inputs is no evidence of what to put in a channel's place.
        if inputs.count == 1, inputs[0] != nil {
            found(.kernel(node: index, sums, applied: applied))
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
}
