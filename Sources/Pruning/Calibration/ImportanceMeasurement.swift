import Execution
import LinearAlgebra
import ModelGraph

/// Makes a ``CalibratedImportance``.
package struct ImportanceMeasurement {
    let model: PrunableModel
    let samples: any CalibrationSamples
    let options: CalibratedImportance.Options

    package init(
        _ model: PrunableModel, samples: any CalibrationSamples,
        options: CalibratedImportance.Options = .init()
    ) {
        self.model = model
        self.samples = samples
        self.options = options
    }

    /// Takes statistics, orders the units of every group, and runs the network at several widths of each.
    ///
    /// - Parameter progress: is told the group that is worked on.
    package func run(progress: (String) -> Void = { _ in }) throws -> CalibratedImportance {
        let inputs = samples.sampleShapes.map { Shape([nil] + $0) }
        let shapes = try model.graph.inferShapes(inputs: inputs)
        let sites = LinearSite.sites(of: model.graph)
        progress("statistics")
        let statistics = try CalibrationStatistics(
            ActivationWalk(model.graph, shapes: shapes, samples: samples, byteLimit: 0),
            sites: sites, rows: options.rows)
        let limited = options.limited(
            work: work(shapes), samples: samples.count)
        let few = SampleHead(samples, count: limited.samples)
        let walk = ActivationWalk(
            model.graph, shapes: shapes, samples: few, byteLimit: options.byteLimit)
        let outputs = try OutputRun(walk).outputs(of: model.graph)
        let divergence = OutputDivergence(model.graph, expected: outputs, samples: few.count)

        var results = [CalibratedImportance.Group?](
            repeating: nil, count: model.groups.groups.count)
        let work = model.groups.groups.indices.map { index -> (index: Int, first: Int) in
            let readers = readers(of: model.groups.groups[index])
            let first = model.graph.nodes.firstIndex { readers.contains($0.layer) }
            return (index, first ?? .max)
        }.sorted { ($0.first, $0.index) < ($1.first, $1.index) }
        for (index, first) in work {
            let group = model.groups.groups[index]
            progress(group.name)
            // Nodes from the first reader on are not run before: nothing of what changes is kept.
            if first < model.graph.nodes.count {
                let leg = try walk.leg(to: model.graph.nodes[first].inputs)
                try leg.run { _, _ in }
                leg.finish()
            }
            results[index] = try measure(
                group, sites: sites, shapes: shapes, statistics, OutputRun(walk), divergence,
                shares: limited.shares)
        }
        return CalibratedImportance(groups: results.compactMap(\.self), samples: few.count)
    }

    /// Multiply-adds of running one sample at one width of every group, about: half of the network lies behind each.
    private func work(_ shapes: TensorShapes) -> Double {
        var sum = 0.0
        for (index, node) in model.graph.nodes.enumerated() {
            let work = model.graph.layers[node.layer].definition
                .work(of: shapes.call(of: node), outputs: shapes.nodes[index])
            sum += Double(work?.multiplyAdds ?? 0)
        }
        let groups = model.groups.groups.count { $0.removableCount > 0 }
        return sum * Double(groups) / 2
    }

    /// The layers that read a group's channels.
    private func readers(of group: ChannelGroup) -> Set<Int> {
        Set(group.weights.filter { $0.use == .consumes }.map(\.axis.layer))
    }

    private func measure(
        _ group: ChannelGroup, sites: [LinearSite], shapes: TensorShapes,
        _ statistics: CalibrationStatistics, _ outputs: OutputRun, _ divergence: OutputDivergence,
        shares: [Double]
    ) throws -> CalibratedImportance.Group {
        var geometries: [Int: SiteGeometry] = [:]
        for site in sites where group.weights.contains(where: { $0.axis.layer == site.layer }) {
            geometries[site.layer] = SiteGeometry(site, call: 0, of: model.graph, shapes: shapes)
        }
        let byLayer = Dictionary(sites.map { ($0.layer, $0) }, uniquingKeysWith: { a, _ in a })
        let readers = group.weights.filter { $0.use == .consumes }.flatMap { weight in
            eliminations(weight, group, byLayer[weight.axis.layer], geometries, statistics)
        }
        var elimination = ChannelElimination(group, readers: readers)
        let widths = Set(
            shares.map { Int((Double(group.size) * $0).rounded()) }
                .filter { $0 >= group.fewest && $0 < group.size } + [group.fewest])
        var result = CalibratedImportance.Group(
            name: group.name, size: group.size, order: [], losses: [], measured: [],
            activations: activations(of: group, readers))
        var failure: (any Error)?
        var snapshots: [(width: Int, graph: ModelGraph)] = []
        elimination.run(snapshotsAt: widths) { width, kernels in
            guard failure == nil else { return }
            do {
                snapshots.append((width, try refitted(kernels, geometries, byLayer, statistics)))
            } catch { failure = error }
        }
        if let failure { throw failure }
        result.order = elimination.order
        result.losses = elimination.losses
        for (width, graph) in snapshots {
            let removed = elimination.order.prefix(group.size - width)
            let zeroed = zeroing(
                group, units: Array(removed), except: Set(readers.map(\.layer)), graph)
            result.measured.append(
                CalibratedImportance.Point(
                    width: width, divergence: divergence.value(try outputs.outputs(of: zeroed))))
        }
        return result
    }

    /// What each unit's channels add to the outputs of those who read them, a mean square as a share of the outputs' variance.
    private func activations(
        of group: ChannelGroup, _ readers: [ChannelElimination.Reader]
    ) -> [Double] {
        (0..<group.size).map { unit in
            readers.reduce(0) { sum, reader in
                guard reader.energy > 0 else { return sum }
                return sum + reader.features[unit].reduce(0) { $0 + reader.powers[$1] }
                    / reader.energy
            }
        }
    }

    /// The readers' states, one for each block of the site that reads channels of the group.
    private func eliminations(
        _ weight: GroupWeight, _ group: ChannelGroup, _ site: LinearSite?,
        _ geometries: [Int: SiteGeometry], _ statistics: CalibrationStatistics
    ) -> [ChannelElimination.Reader] {
        guard let site, site.role == weight.axis.role, let geometry = geometries[site.layer],
            let blocks = statistics.blocks[site.layer], blocks.count == geometry.blocks,
            let kernel = model.graph.layers[site.layer].weight(site.role)?.floats()
        else { return [] }
        return blocks.indices.compactMap { block in
            let channels =
                block * geometry.channelsPerBlock..<(block + 1) * geometry.channelsPerBlock
            let features = (0..<group.size).map { unit in
                weight.indices[unit].map(Int.init).filter(channels.contains).flatMap { channel in
                    (0..<geometry.tapCount).map {
                        $0 * geometry.channelsPerBlock + channel - channels.lowerBound
                    }
                }
            }
            guard features.contains(where: { !$0.isEmpty }) else { return nil }
            let matrix = geometry.matrix(kernel, block: block)
            let equations = blocks[block].equations
            guard
                let elimination = Elimination(
                    gram: equations.gram, features: geometry.features, kernel: matrix,
                    ridge: options.ridge)
            else { return nil }
            return ChannelElimination.Reader(
                layer: site.layer, block: block, features: features, elimination: elimination,
                energy: equations.energy(of: matrix), featureCount: geometry.features,
                powers: (0..<geometry.features).map { feature in
                    let mean = equations.featureMeans[feature]
                    let square = equations.gram[feature * (geometry.features + 1)] + mean * mean
                    return (0..<geometry.outputsPerBlock).reduce(0) { sum, output in
                        let weight = matrix[output * geometry.features + feature]
                        return sum + weight * weight * square
                    }
                })
        }
    }

    /// The network with other kernels at some sites, and biases that keep the means of their outputs.
    private func refitted(
        _ kernels: [(layer: Int, block: Int, kernel: [Double])],
        _ geometries: [Int: SiteGeometry], _ sites: [Int: LinearSite],
        _ statistics: CalibrationStatistics
    ) throws -> ModelGraph {
        var graph = model.graph
        for (layer, parts) in Dictionary(grouping: kernels, by: \.layer).sorted(by: {
            $0.key < $1.key
        }) {
            guard let geometry = geometries[layer], let site = sites[layer],
                let place = graph.layers[layer].weights.firstIndex(where: { $0.role == site.role })
            else { continue }
            var values = graph.layers[layer].weights[place].floats()
            var shift = [Float](repeating: 0, count: geometry.outputs)
            for part in parts {
                guard let equations = statistics.blocks[layer]?[part.block].equations else {
                    continue
                }
                let old = geometry.matrix(values, block: part.block)
                geometry.store(part.kernel, block: part.block, into: &values)
                for output in 0..<geometry.outputsPerBlock {
                    var sum = 0.0
                    for feature in 0..<geometry.features {
                        let index = output * geometry.features + feature
                        sum += (old[index] - part.kernel[index]) * equations.featureMeans[feature]
                    }
                    shift[part.block * geometry.outputsPerBlock + output] = Float(sum)
                }
            }
            graph.layers[layer].weights[place] = graph.layers[layer].weights[place]
                .replacing(values: values)
            _ = try model.place(
                Folding(role: "bias", offset: 0, shift: shift, edge: shift.map { _ in 0 }),
                layer: layer, nodes: site.nodes, of: &graph)
        }
        return graph
    }

    /// The network in which readers that could not be fitted no longer read some units.
    private func zeroing(
        _ group: ChannelGroup, units: [Int], except fitted: Set<Int>, _ graph: ModelGraph
    ) -> ModelGraph {
        var graph = graph
        for weight in group.weights
        where weight.use == .consumes && !fitted.contains(weight.axis.layer) {
            let layer = weight.axis.layer
            guard
                let place = graph.layers[layer].weights.firstIndex(where: {
                    $0.role == weight.axis.role
                })
            else { continue }
            var removed = [Bool](
                repeating: false, count: graph.layers[layer].weights[place].shape[weight.axis.axis])
            for unit in units {
                for index in weight.indices[unit] { removed[Int(index)] = true }
            }
            graph.layers[layer].weights[place] = graph.layers[layer].weights[place]
                .zeroing([SliceMask.Axis(axis: weight.axis.axis, removed: removed)])
        }
        return graph
    }
}

extension NormalEquations {
    /// The variance of what a kernel gives, all outputs together.
    func energy(of kernel: [Double]) -> Double {
        guard features > 0 else { return 0 }
        var equations = NormalEquations(
            features: features, targets: kernel.count / features, count: count,
            featureMeans: featureMeans,
            targetMeans: Array(repeating: 0, count: kernel.count / features))
        equations.gram = gram
        return equations.powers(of: kernel).reduce(0, +)
    }
}
