import Contexts
import ModelGraph
import Pruning

/// What a model costs as a function of its groups' widths.
struct WidthCosts: Sendable {
    /// A weight, counted by the element.
    struct WeightCost: Sendable {
        var layer: Int
        var role: String
        /// The lengths of all axes.
        var axes: [ChannelCount]
        /// The axes whose lengths change.
        var factors: [ChannelCount]
        /// Elements that do not change: the product of all other axes.
        var elements: Int
        var elementType: ElementType
        /// Multiply-adds that each element does in one inference.
        var multiplyAdds: Double

        /// Elements at the given widths.
        func elementCount(widths: [Int]) -> Int {
            factors.reduce(elements) { $0.saturatingTimes($1.value(widths: widths)) }
        }
    }

    private(set) var workloads: [LayerWorkload] = []
    private(set) var calls: [WidthProblem.Call] = []
    private(set) var weights: [WeightCost] = []
    /// Multiply-adds of layers without kernels.
    private(set) var others: [WidthProblem.Product] = []
    private(set) var moments: [ChannelCount] = []

    init(
        _ model: PrunableModel, axes: AxisCounts, layers: [(workload: LayerWorkload, node: Int)]
    ) {
        let graph = model.graph
        for (workload, node) in layers {
            add(workload, node: node, of: model, axes)
        }
        let all = TensorLiveness(graph, shapes: model.shapes).moments(
            nodes: graph.nodes.count, zero: ChannelCount(),
            size: { tensor in
                (axes.elements(tensor) ?? ChannelCount()) * WorkloadBuilder.activationBytes
            },
            add: { $0 += $1 })
        moments = WidthLayout.uncovered(all)
    }

    private mutating func add(
        _ workload: LayerWorkload, node index: Int, of model: PrunableModel, _ axes: AxisCounts
    ) {
        let node = model.graph.nodes[index]
        let layer = model.graph.layers[node.layer]
        let output = TensorReference(node: index)
        let outputChannels = axes.channels(output)
        var inputChannels = node.inputs.first.map { axes.channels($0) } ?? outputChannels
        if workload.operation == .dataMovement, node.inputs.count > 1 {
            inputChannels = node.inputs.reduce(ChannelCount()) { $0 + axes.channels($1) }
        }
        workloads.append(workload)
        calls.append(.init(input: inputChannels, output: outputChannels))

        // What sums over channels does it with kernels, each element once at each position.
        let kernels = layer.weights.filter { $0.shape.count >= 2 }
        let elements = kernels.reduce(0) { $0.saturatingPlus($1.elementCount) }
        let perElement =
            elements > 0 ? Double(workload.multiplyAdds) / Double(elements) : 0
        for weight in layer.weights {
            let counts = axes.counts(layer: node.layer, weight)
            weights.append(
                WeightCost(
                    layer: node.layer, role: weight.role, axes: counts,
                    factors: counts.filter { !$0.terms.isEmpty },
                    elements: counts.filter(\.terms.isEmpty)
                        .reduce(1) { $0.saturatingTimes($1.fixed) },
                    elementType: weight.elementType,
                    multiplyAdds: weight.shape.count >= 2 ? perElement : 0))
        }
        if elements == 0, workload.multiplyAdds > 0, let size = axes.elements(output) {
            let total = max(model.shapes[output].sampleElementCount ?? 0, 1)
            others.append(
                .init(
                    factors: [size],
                    perElement: WidthTotals(
                        multiplyAdds: Double(workload.multiplyAdds) / Double(total))))
        }
    }

    /// The costs as a problem without groups and limits.
    ///
    /// - Parameters:
    ///   - isKernel: whether weight pruning may touch a weight.
    ///   - isSparse: whether it can, given the pattern.
    func problem(
        groups: [WidthProblem.Group], costModel: CostModel, isKernel: (WeightCost) -> Bool,
        isSparse: (WeightCost) -> Bool
    ) -> WidthProblem {
        var problem = WidthProblem(groups: groups)
        problem.moments = moments
        // Fused and unchanging layers need no call of their own.
        var changing: [Int] = []
        for (index, call) in calls.enumerated() where !workloads[index].isFused {
            if call.input.terms.isEmpty && call.output.terms.isEmpty {
                problem.fixed.latencyMs += costModel.latency(of: workloads[index]) / 1000
            } else {
                changing.append(index)
                problem.calls.append(call)
            }
        }
        problem.latencyMs = { [workloads, changing] call, input, output in
            costModel.latency(
                of: workloads[changing[call]], inputChannels: input, outputChannels: output) / 1000
        }
        problem.products = others
        // Weights over the same channels are counted together.
        var places: [[ChannelCount]: Int] = [:]
        for weight in weights {
            let bytes = Double(weight.elementType.byteCount)
            let (kernel, sparse) = (isKernel(weight) ? 1.0 : 0, isSparse(weight) ? 1.0 : 0)
            let perElement =
                WidthTotals(
                    multiplyAdds: weight.multiplyAdds, parameters: 1, weightBytes: bytes,
                    residentBytes: Double(WorkloadBuilder.residentBytes(weight.elementType)),
                    kernelElements: kernel, sparseElements: sparse, sparseBytes: bytes * sparse)
                * Double(weight.elements)
            if weight.factors.isEmpty {
                problem.fixed += perElement
            } else if let place = places[weight.factors] {
                problem.products[place].perElement += perElement
            } else {
                places[weight.factors] = problem.products.count
                problem.products.append(
                    .init(factors: weight.factors, perElement: perElement))
            }
        }
        return problem
    }
}
