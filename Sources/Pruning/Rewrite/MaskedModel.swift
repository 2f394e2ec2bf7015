package import ModelGraph
import OrderedJSON

/// A model of unchanged topology in which the removed channels have no influence any more.
package struct MaskedModel: Sendable {
    package var graph: ModelGraph
    /// What became of the constants of removed channels, for each layer that reads some, in the order of layers.
    package var folds: [FoldReport]
    /// What was done to make up for removed channels, for each layer that reads some; empty if nothing was.
    package var recoveries: [DataFreeReport] = []
    /// The channels that a later shrinking cuts out.
    let cut: ChannelCut
    /// The channels of ``graph``, new biases among them.
    var map: ChannelMap
}

extension PrunableModel {
    /// Takes all influence from the channels that a plan removes.
    ///
    ///     conv (64) → batch norm → relu → conv          32 units removed
    ///     conv (64, 32 slices 0) → batch norm → relu → conv (32 input slices 0, bias shifted)
    ///
    /// The slices that make removed channels become zero. What such channels would still carry (a bias or a batch-norm
    /// shift through activations) is added to the biases of the layers that read them: to an existing bias, else to the
    /// moving mean of the batch normalisation that alone follows, else to a new bias. Then
    /// the slices that read them become zero.
    /// - Parameter recovery: what else is done so that less is lost. With anything but `exact` the result computes what the original
    ///   is expected to compute, no longer what ``kernelZeroed(by:)`` does.
    /// - Throws: ``PruningError`` if the plan is not for this model.
    package func masked(
        by plan: PruningPlan, recovery: DataFreeRecovery = .exact
    ) throws(PruningError) -> MaskedModel {
        try plan.validate(for: self)
        let cut = ChannelCut(plan.groups, of: self)
        let moments =
            recovery == .exact ? nil : MomentFlow(self, cut: cut, recovery: recovery)
        let flow = ConstantFlow(self, cut: cut, moments: moments)
        var masked = MaskedModel(graph: graph, folds: [], cut: cut, map: map)
        if let moments { masked.recoveries = recover(moments.recoveries, in: &masked.graph) }
        for (layer, consumer) in flow.consumers.sorted(by: { $0.key < $1.key }) {
            masked.folds += try fold(consumer, into: layer, of: &masked.graph, cut: cut)
        }
        zeroSlices([.produces, .consumes], of: &masked.graph, cut: cut)
        if masked.folds.contains(where: { $0.target == .addedBias }) {
            let map = masked.graph.channelMap(shapes: shapes)
            // Biases have no channels of their own, so that the labels are those of the model.
            guard map.labelCount == self.map.labelCount else {
                throw PruningError(
                    .rewrite, at: graph.name, "a bias that was added changes its channels")
            }
            masked.map = map
        }
        return masked
    }

    /// The model with only the slices zero that make removed channels; constants flow on.
    ///
    /// What ``masked(by:)`` must compute, but near borders and where its report says otherwise.
    /// - Throws: ``PruningError`` if the plan is not for this model.
    package func kernelZeroed(by plan: PruningPlan) throws(PruningError) -> ModelGraph {
        try plan.validate(for: self)
        var graph = graph
        zeroSlices([.produces], of: &graph, cut: ChannelCut(plan.groups, of: self))
        return graph
    }

    private func zeroSlices(
        _ uses: Set<WeightAxisUse>, of graph: inout ModelGraph, cut: ChannelCut
    ) {
        for layer in graph.layers.indices {
            for index in graph.layers[layer].weights.indices {
                let weight = graph.layers[layer].weights[index]
                let axes = weight.shape.indices.compactMap { axis -> SliceMask.Axis? in
                    let key = WeightAxis(layer: layer, role: weight.role, axis: axis)
                    guard let channels = map.weights[key], uses.contains(channels.use),
                        let removed = cut.removed(channels.labels)
                    else { return nil }
                    return SliceMask.Axis(axis: axis, removed: removed)
                }
                graph.layers[layer].weights[index] = weight.zeroing(axes)
            }
        }
    }
}

extension PrunableModel {
    /// Adds what a layer is owed to one of its weights, or to those behind it.
    private func fold(
        _ consumer: ConstantFlow.Consumer, into index: Int, of graph: inout ModelGraph,
        cut: ChannelCut
    ) throws(PruningError) -> [FoldReport] {
        let name = graph.layers[index].name
        var problems: [FoldReport.Problem] = []
        if consumer.unknownChannels > 0 {
            problems.append(.unknownEmission(channels: consumer.unknownChannels))
        }
        if !consumer.isFoldable { problems.append(.notFoldable) }
        guard !consumer.sums.isEmpty else {
            return [
                FoldReport(layer: name, target: .nowhere, shift: [], edge: [], problems: problems)
            ]
        }
        let nodes = self.graph.nodes.indices.filter { self.graph.nodes[$0].layer == index }
        var reports: [FoldReport] = []
        for sum in consumer.sums {
            var (folding, spread) = sum.merged(calls: nodes.count)
            let removed = removedOutputs(of: folding, layer: index, node: nodes.first, cut: cut)
            for (output, isRemoved) in removed.enumerated() where isRemoved {
                folding.shift[output] = 0
                folding.edge[output] = 0
            }
            var report = FoldReport(
                layer: name, target: .nowhere, shift: folding.shift, edge: folding.edge,
                problems: problems)
            if spread > 0 { report.problems.append(.callsDisagree(by: spread)) }
            if report.largestShift > 0 {
                report.target = try place(folding, layer: index, nodes: nodes, of: &graph)
            }
            reports.append(report)
        }
        return reports
    }

    /// Which elements of a folding belong to outputs that go themselves; empty if none.
    private func removedOutputs(
        of folding: Folding, layer: Int, node: Int?, cut: ChannelCut
    ) -> [Bool] {
        let count = folding.shift.count
        if let weight = graph.layers[layer].weight(folding.role) {
            let axes = weight.shape.indices.map { axis -> [Bool]? in
                let key = WeightAxis(layer: layer, role: folding.role, axis: axis)
                return map.weights[key].flatMap { cut.removed($0.labels) }
            }
            return (0..<count).map { element in
                var index = folding.offset + element
                for (size, removed) in zip(weight.shape, axes).reversed() {
                    if removed?[index % size] == true { return true }
                    index /= size
                }
                return false
            }
        }
        // A bias that is still to come stands along the output's channels.
        guard let node else { return [] }
        let output = cut.removed(map.tensors[TensorReference(node: node)]).first?.removed
        return output?.count == count ? output ?? [] : []
    }

    /// Adds a shift to a layer's outputs: to its bias, else to the moving mean behind it, else to a new bias.
    func place(
        _ folding: Folding, layer index: Int, nodes: [Int], of graph: inout ModelGraph
    ) throws(PruningError) -> FoldReport.Target {
        if graph.layers[index].add(folding.shift, to: folding.role, offset: folding.offset) {
            return .weight(role: folding.role)
        }
        if folding.offset == 0, nodes.count == 1, let node = nodes.first,
            let next = normalization(behind: node)
        {
            let added = graph.layers[next].add(
                folding.shift.map { -$0 }, to: "moving_mean", offset: 0)
            if added { return .movingMean(layer: graph.layers[next].name) }
        }
        return try addBias(folding, to: &graph.layers[index], node: nodes.first)
            ? .addedBias : .nowhere
    }

    /// The layer of the batch normalisation that alone reads what a node gives, channel by channel.
    func normalization(behind node: Int) -> Int? {
        let output = TensorReference(node: node)
        let layer = graph.layers[graph.nodes[node].layer]
        guard layer.hasLinearActivation, !graph.outputs.contains(output) else { return nil }
        let readers = graph.nodes.indices.filter { graph.nodes[$0].inputs.contains(output) }
        guard readers.count == 1, let reader = readers.first, shapes.nodes[node].count == 1 else {
            return nil
        }
        let next = graph.nodes[reader].layer
        guard
            ["BatchNormalization", "SyncBatchNormalization"].contains(graph.layers[next].className),
            graph.nodes.filter({ $0.layer == next }).count == 1,
            let mean = map.weights[WeightAxis(layer: next, role: "moving_mean", axis: 0)],
            map.tensors[output]?.axes.values.contains(mean.labels) == true
        else { return nil }
        return next
    }

    func addBias(
        _ folding: Folding, to layer: inout Layer, node: Int?
    ) throws(PruningError) -> Bool {
        guard let node, let added = layer.definition.addingBias(layer.configuration),
            added.bias.role == folding.role, added.bias.shape.count == 1,
            let width = added.bias.shape.first, folding.offset + folding.shift.count <= width
        else { return false }
        var values = [Float](repeating: 0, count: width)
        for (index, shift) in folding.shift.enumerated() { values[folding.offset + index] = shift }
        let type = layer.weights.first { $0.elementType.isFloatingPoint }?.elementType ?? .float32
        let empty = Weight(
            role: added.bias.role, shape: added.bias.shape, elementType: type,
            storage: WeightStorage(byteCount: 0) { _ in })
        layer.weights.append(empty.replacing(values: values))
        do {
            try layer.configure(added.configuration)
            let order = try layer.definition.weights(for: shapes.call(of: graph.nodes[node]))
            layer.sortWeights(like: order)
        } catch { throw PruningError(.rewrite, at: layer.name, error.reason) }
        return true
    }
}

extension Layer {
    /// Whether the layer gives what it computes without an activation function.
    var hasLinearActivation: Bool {
        guard let activation = configuration["activation"], activation != .null else { return true }
        return (try? ActivationFunction(activation, generation: generation)) == .linear
    }

    /// Adds values to the elements of a weight; false if there is no such weight.
    fileprivate mutating func add(_ values: [Float], to role: String, offset: Int) -> Bool {
        guard let index = weights.firstIndex(where: { $0.role == role }),
            weights[index].elementType.isFloatingPoint,
            offset + values.count <= weights[index].elementCount
        else { return false }
        var sums = weights[index].floats()
        for (element, value) in values.enumerated() { sums[offset + element] += value }
        weights[index] = weights[index].replacing(values: sums)
        return true
    }

    /// Puts the weights into the order in which the layer class lists them.
    fileprivate mutating func sortWeights(like order: [WeightSpecification]) {
        let ranks = weights.map { weight in
            order.firstIndex { $0.role == weight.role } ?? order.count
        }
        weights = weights.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.map { weights[$0] }
    }
}
