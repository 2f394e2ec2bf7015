package import ModelGraph

extension PrunableModel {
    /// The model of unchanged topology that computes what a pruned model computes, its sparse weights included.
    ///
    /// Where single weights of the pruned model read as zero, so do those at the same places here.
    package func masked(like pruned: PrunedModel) throws(PruningError) -> ModelGraph {
        guard let masked = pruned.masked else { return pruned.graph }
        if pruned.recovery != nil { return try scattered(pruned.graph, into: masked) }
        guard !pruned.kernels.isEmpty else { return masked.graph }
        var graph = masked.graph
        for kernel in pruned.kernels where kernel.zeros > 0 {
            let index = kernel.kernel.layer
            guard let sparse = pruned.graph.layers[index].weight(kernel.kernel.role),
                let place = graph.layers[index].weights.firstIndex(where: { $0.role == sparse.role }
                )
            else { continue }
            let kept = keptIndices(of: graph.layers[index].weights[place], layer: index, masked.cut)
            graph.layers[index].weights[place] = graph.layers[index].weights[place]
                .scattering(sparse, to: kept)
        }
        return graph
    }

    /// The masked model with the weights of a shrunk one, whose values changed since it was cut out.
    package func scattered(
        _ shrunk: ModelGraph, into masked: MaskedModel
    ) throws(PruningError) -> ModelGraph {
        var graph = masked.graph
        var map = masked.map
        for layer in graph.layers.indices {
            let added = shrunk.layers[layer].weights.filter { weight in
                graph.layers[layer].weight(weight.role) == nil
            }
            guard added.contains(where: { $0.role == "bias" }) else { continue }
            try addZeroBias(to: &graph.layers[layer], layer: layer)
            map = graph.channelMap(shapes: shapes)
        }
        for layer in graph.layers.indices {
            for (place, weight) in graph.layers[layer].weights.enumerated() {
                guard let smaller = shrunk.layers[layer].weight(weight.role) else { continue }
                let kept = weight.shape.indices.map { axis -> [Int32]? in
                    let key = WeightAxis(layer: layer, role: weight.role, axis: axis)
                    return map.weights[key].flatMap { masked.cut.kept($0.labels) }
                }
                graph.layers[layer].weights[place] = weight.scattering(smaller, to: kept)
            }
        }
        return graph
    }

    /// A shrunk network with biases, all zero, where another has some and it has none.
    package func addingBiases(
        of other: ModelGraph, to shrunk: ModelGraph
    ) throws(PruningError) -> ModelGraph {
        guard other.layers.count == shrunk.layers.count else { return shrunk }
        var graph = shrunk
        for layer in graph.layers.indices
        where graph.layers[layer].weight("bias") == nil
            && other.layers[layer].weight("bias") != nil
            && other.layers[layer].className == graph.layers[layer].className
        {
            try addZeroBias(to: &graph.layers[layer], layer: layer)
        }
        return graph
    }

    private func addZeroBias(to layer: inout Layer, layer index: Int) throws(PruningError) {
        guard let node = graph.nodes.firstIndex(where: { $0.layer == index }),
            let added = layer.definition.addingBias(layer.configuration),
            let width = added.bias.shape.first
        else { return }
        let folding = Folding(
            role: added.bias.role, offset: 0, shift: Array(repeating: 0, count: width),
            edge: Array(repeating: 0, count: width))
        _ = try addBias(folding, to: &layer, node: node)
    }

    /// For each axis of a weight the indices that stay; nil for all.
    private func keptIndices(of weight: Weight, layer: Int, _ cut: ChannelCut) -> [[Int32]?] {
        weight.shape.indices.map { axis in
            let key = WeightAxis(layer: layer, role: weight.role, axis: axis)
            return map.weights[key].flatMap { cut.kept($0.labels) }
        }
    }
}

extension Weight {
    /// The weight with the elements of a smaller one at the indices that it kept, the reverse of gathering.
    fileprivate func scattering(_ smaller: Weight, to kept: [[Int32]?]) -> Weight {
        guard kept.contains(where: { $0 != nil }) else { return smaller }
        let (target, source) = (materialized(), smaller.materialized())
        let numbers = WeightStorage(byteCount: elementCount * 4) { buffer in
            for element in 0..<elementCount {
                buffer.storeBytes(
                    of: Int32(truncatingIfNeeded: element), toByteOffset: element * 4,
                    as: Int32.self)
            }
        }
        let places = Weight(role: role, shape: shape, elementType: .int32, storage: numbers)
            .gathering(kept)
        var weight = target
        weight.storage = WeightStorage(byteCount: byteCount) { buffer in
            let size = elementType.byteCount
            withExtendedLifetime((target.storage, source.storage, places.storage)) {
                buffer.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: target.storage.bytes[..<byteCount]))
                for element in 0..<places.elementCount {
                    let place = Int(
                        places.storage.bytes.loadUnaligned(
                            fromByteOffset: element * 4, as: Int32.self))
                    let from = source.storage.bytes[element * size..<(element + 1) * size]
                    UnsafeMutableRawBufferPointer(
                        rebasing: buffer[place * size..<(place + 1) * size]
                    )
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: from))
                }
            }
        }
        return weight
    }
}
