import ModelGraph

/// What becomes of a site's output before anything but sums happens to it: a batch normalisation, an addition.
///
///     conv → batch norm → add ← shortcut
struct SiteTail: Sendable {
    /// The layer of the batch normalisation that alone reads the site.
    var normalization: Int?
    /// The addition that alone reads the site, or the normalisation behind it.
    var addition: Int?
    /// What else the addition reads.
    var others: [TensorReference] = []
    /// The tensor that all of this gives.
    var output: TensorReference

    init(behind node: Int, of model: PrunableModel, readers: [TensorReference: [Int]]) {
        let graph = model.graph
        output = TensorReference(node: node)
        guard graph.layers[graph.nodes[node].layer].hasLinearActivation else { return }
        if let layer = model.normalization(behind: node), let reader = readers[output]?.first {
            normalization = layer
            output = TensorReference(node: reader)
        }
        guard let next = readers[output], next.count == 1, !graph.outputs.contains(output),
            graph.layers[graph.nodes[next[0]].layer].className == "Add"
        else { return }
        let inputs = graph.nodes[next[0]].inputs
        let shape = model.shapes[output]
        guard inputs.filter({ $0 == output }).count == 1,
            inputs.allSatisfy({ model.shapes[$0] == shape })
        else { return }
        addition = next[0]
        others = inputs.filter { $0 != output }
        output = TensorReference(node: next[0])
    }

    /// What the normalisation multiplies each channel with; nil without one.
    func scales(in graph: ModelGraph) -> [Double]? {
        guard let normalization,
            let definition = graph.layers[normalization].definition as? BatchNormalization,
            let variance = graph.layers[normalization].weight("moving_variance")?.floats()
        else { return nil }
        let gamma = graph.layers[normalization].weight("gamma")?.floats()
        return variance.enumerated().map { channel, variance in
            Double(gamma?[channel] ?? 1) / (Double(variance) + definition.epsilon).squareRoot()
        }
    }
}

extension ModelGraph {
    /// The sites of a graph in an order in which each comes behind those whose outputs it reads.
    ///
    /// Of branches that meet in an addition, the one with the most features comes last, so that it can make up for what the
    /// others lack.
    func fittingOrder(of sites: [LinearSite], features: (LinearSite) -> Int) -> [LinearSite] {
        let byNode = Dictionary(
            sites.flatMap { site in site.nodes.map { ($0, site) } },
            uniquingKeysWith: { first, _ in first })
        func weight(_ tensor: TensorReference) -> Int {
            let layer = site(behind: tensor, among: sites)
            return sites.first { $0.layer == layer }.map(features) ?? 0
        }
        var isVisited = [Bool](repeating: false, count: nodes.count)
        var order: [Int] = []
        var stack: [(node: Int, isExpanded: Bool)] = outputs.reversed().map { ($0.node, false) }
        while let (node, isExpanded) = stack.popLast() {
            if isExpanded {
                order.append(node)
                continue
            }
            guard !isVisited[node] else { continue }
            isVisited[node] = true
            stack.append((node, true))
            // What is pushed last is visited first.
            let inputs = nodes[node].inputs.map { (tensor: $0, weight: weight($0)) }
                .sorted { $0.weight > $1.weight }
            for input in inputs { stack.append((input.tensor.node, false)) }
        }
        var ranks: [Int: Int] = [:]
        for (rank, node) in order.enumerated() {
            if let site = byNode[node] { ranks[site.layer] = rank }
        }
        return sites.filter { ranks[$0.layer] != nil }
            .sorted { ranks[$0.layer, default: 0] < ranks[$1.layer, default: 0] }
    }
}

extension ModelGraph {
    /// The layer of the site that makes a tensor, through layers with one input; nil if an addition or the like does.
    func site(behind tensor: TensorReference, among sites: [LinearSite]) -> Int? {
        var node = tensor.node
        while true {
            if let site = sites.first(where: { $0.nodes.contains(node) }) { return site.layer }
            let inputs = nodes[node].inputs
            guard inputs.count == 1 else { return nil }
            node = inputs[0].node
        }
    }
}
