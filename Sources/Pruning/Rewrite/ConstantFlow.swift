import ModelGraph

/// Follows the constants that removed channels carry through a model whose producing slices are zero.
///
/// Nodes are visited in order; each layer class says what it makes of constants (``LayerDefinition/emit(_:)``) and what they
/// add to its outputs (``LayerDefinition/fold(_:)``).
struct ConstantFlow {
    /// What a layer's calls add to one of its weights.
    struct Sum {
        var role: String
        var offset: Int
        /// One for each call of the layer.
        var foldings: [Folding]
    }

    /// What a layer that reads removed channels makes of them.
    struct Consumer {
        var sums: [Sum] = []
        var unknownChannels = 0
        var isFoldable = true
    }

    let model: PrunableModel
    let cut: ChannelCut
    /// What removed channels carry in the mean, and what is read in their place; nil where constants alone count.
    private let moments: MomentFlow?
    private var emissions: [TensorReference: TensorEmission] = [:]
    /// By layer.
    private(set) var consumers: [Int: Consumer] = [:]

    init(_ model: PrunableModel, cut: ChannelCut, moments: MomentFlow? = nil) {
        self.model = model
        self.cut = cut
        self.moments = moments
        let readers = Set(
            model.map.weights.lazy.filter {
                $0.value.use == .consumes && $0.value.labels.contains { cut.removes($0) }
            }.map(\.key.layer))
        for index in model.graph.nodes.indices {
            visit(index, consumes: readers.contains(model.graph.nodes[index].layer))
        }
    }

    private mutating func visit(_ index: Int, consumes: Bool) {
        let node = model.graph.nodes[index]
        let references = node.inputs
        let inputs = references.map { emissions[$0] ?? TensorEmission() }
        let outputs = model.shapes.nodes[index].indices.map {
            cut.removed(model.map.tensors[TensorReference(node: index, output: $0)])
        }
        guard inputs.contains(where: { $0.axis != nil }) || outputs.contains(where: { !$0.isEmpty })
        else { return }
        let layer = model.graph.layers[node.layer]
        let call = EmissionCall(
            call: model.shapes.call(of: node), outputShapes: model.shapes.nodes[index],
            inputs: inputs, removedOutputs: outputs.map(\.first), weights: layer.weights)
        if consumes { fold(recovered(call, layer: node.layer), layer: node.layer) }
        guard outputs.contains(where: { !$0.isEmpty }) else { return }
        let emitted = layer.definition.emit(call)
        for (output, removed) in outputs.enumerated() {
            guard let first = removed.first else { continue }
            let claimed = emitted.indices.contains(output) ? emitted[output] : TensorEmission()
            let reference = TensorReference(node: index, output: output)
            let constants = ConstantFlow.checked(
                claimed, axis: first.axis, removed: first.removed, isOnly: removed.count == 1)
            emissions[reference] = expected(constants, of: reference, isOnly: removed.count == 1)
        }
    }

    /// With the means of removed channels in place of constants, where they are known.
    private func expected(
        _ emission: TensorEmission, of reference: TensorReference, isOnly: Bool
    ) -> TensorEmission {
        guard let means = moments?.means[reference], isOnly, means.axis == emission.axis,
            means.values.count == emission.channels.count
        else { return emission }
        return emission.map { $1 == .live ? .live : .constant(means.values[$0]) }
    }

    /// With what is left of removed channels where the layer reads others in their place.
    private func recovered(_ call: EmissionCall, layer: Int) -> EmissionCall {
        guard let constants = moments?.recoveries[layer]?.constants, let input = call.inputs.first,
            input.channels.count == constants.count
        else { return call }
        var call = call
        call.inputs[0] = input.map { $1 == .live ? .live : .constant(constants[$0]) }
        return call
    }

    /// Takes from a layer class only what it says about channels that are really removed.
    private static func checked(
        _ claimed: TensorEmission, axis: Int, removed: [Bool], isOnly: Bool
    ) -> TensorEmission {
        let fits = isOnly && claimed.axis == axis && claimed.channels.count == removed.count
        return TensorEmission(
            axis: axis,
            channels: removed.enumerated().map { channel, isRemoved in
                guard isRemoved else { return .live }
                guard fits, case .constant(let value, let edge) = claimed.channels[channel],
                    value.isFinite, edge.isFinite
                else { return .unknown }
                return .constant(value, edge: edge)
            })
    }

    private mutating func fold(_ call: EmissionCall, layer: Int) {
        var (unknown, constants) = (0, 0)
        for emission in call.inputs.lazy.flatMap(\.channels) {
            switch emission {
            case .live: break
            case .unknown: unknown += 1
            case .constant(let value, let edge): constants += value != 0 || edge != 0 ? 1 : 0
            }
        }
        guard unknown + constants > 0 else { return }
        var consumer = consumers[layer] ?? Consumer()
        consumer.unknownChannels = max(consumer.unknownChannels, unknown)
        if constants > 0 {
            let foldings = model.graph.layers[layer].definition.fold(call)
            if foldings.isEmpty { consumer.isFoldable = false }
            for folding in foldings {
                let known = consumer.sums.firstIndex {
                    $0.role == folding.role && $0.offset == folding.offset
                        && $0.foldings.first?.shift.count == folding.shift.count
                }
                if let known {
                    consumer.sums[known].foldings.append(folding)
                } else {
                    consumer.sums.append(
                        Sum(role: folding.role, offset: folding.offset, foldings: [folding]))
                }
            }
        }
        consumers[layer] = consumer
    }
}

extension ConstantFlow.Sum {
    /// What all calls together ask for: their mean, and how far they are from it.
    ///
    /// - Parameter calls: how many calls the layer has; one that asked for nothing counts as 0.
    func merged(calls: Int) -> (folding: Folding, spread: Float) {
        let width = foldings.first?.shift.count ?? 0
        let shifts =
            foldings.map(\.shift)
            + Array(
                repeating: Array(repeating: Float(0), count: width),
                count: max(calls - foldings.count, 0))
        var result = Folding(
            role: role, offset: offset, shift: shifts.first ?? [],
            edge: Array(repeating: 0, count: width))
        var spread: Float = 0
        for output in 0..<width {
            let values = shifts.map { $0[output] }
            let (low, high) = (values.min() ?? 0, values.max() ?? 0)
            if high != low {
                result.shift[output] = values.reduce(0, +) / Float(values.count)
                spread = max(spread, high - low)
            }
            result.edge[output] = foldings.reduce(0) { max($0, $1.edge[output]) } + (high - low)
        }
        return (result, spread)
    }
}
