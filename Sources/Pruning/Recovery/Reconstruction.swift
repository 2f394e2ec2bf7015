import Execution
import LinearAlgebra
package import ModelGraph

/// What fitting did to one layer.
package struct LayerFit: Hashable, Sendable {
    package var layer: String
    /// Rows of features and targets.
    package var rows: Int
    /// Relative to the mean square of the features; nil if the kernel stayed as it was.
    package var ridge: Double?
    /// Mean squared error of the layer's outputs against the base's, as a share of their variance.
    package var errorBefore: Double
    package var errorAfter: Double
}

/// Fits the kernels of a pruned network to what the base gives, layer by layer, on samples without labels.
///
/// Each layer gets the kernel and the bias with which *its own* inputs, which come from the layers before it as they are now, give best what
/// the base's layer gives: least squares with a ridge about the present kernel. Where a layer's output is added to another
/// branch's, it also makes up for what that branch lacks. Source of the idea: He, Zhang, Sun, "Channel Pruning for
/// Accelerating Very Deep Neural Networks", ICCV 2017; of fitting to the base's outputs with the pruned network's inputs: Luo, Wu, Lin, "ThiNet", ICCV 2017.
package struct Reconstruction {
    package struct Options: Sendable {
        /// Rows of features for each layer, about; fewer where the samples have fewer places.
        package var rows = 100_000
        /// Whether the fit spares what an activation function behind it cuts off.
        package var sparesClipped = true
        /// Whether weights that stay are fitted; without, outputs only get back their means.
        package var refits = true
        /// Bytes of tensors that are kept between layers, for each of both networks.
        package var byteLimit = 1 << 30
        /// Bytes of features and targets of one layer, about; a layer with many features gets fewer rows.
        package var rowByteLimit = 1 << 29

        package init() {}
    }

    let model: PrunableModel
    let cut: ChannelCut?
    let samples: any CalibrationSamples
    let options: Options

    package init(
        _ model: PrunableModel, pruned: PrunedModel, samples: any CalibrationSamples,
        options: Options = Options()
    ) {
        self.model = model
        cut = pruned.masked?.cut
        self.samples = samples
        self.options = options
    }

    /// Fits all layers of a pruned network.
    ///
    /// - Parameter graph: the network that the plan gave.
    /// - Returns: the same network with other weights, and what was done to each layer, in the order in which it was done.
    package func fitted(_ graph: ModelGraph) throws -> (graph: ModelGraph, layers: [LayerFit]) {
        let walked = try fitted(graph, demands: [:])
        return (walked.graph, walked.layers)
    }

    /// Fits all layers, and makes weights of some zero.
    ///
    /// - Parameter demands: by layer.
    /// - Returns: also the layers whose demands were met.
    func fitted(
        _ graph: ModelGraph, demands: [Int: SparsityDemand]
    ) throws -> (graph: ModelGraph, layers: [LayerFit], met: Set<Int>) {
        guard samples.count > 0 else {
            throw PruningError(.samples, "there are none to fit the layers to")
        }
        let shapes = samples.sampleShapes.map { Shape([nil] + $0) }
        let base = ActivationWalk(
            model.graph, shapes: try model.graph.inferShapes(inputs: shapes), samples: samples,
            byteLimit: options.byteLimit)
        let pruned = ActivationWalk(
            graph, shapes: try graph.inferShapes(inputs: shapes), samples: samples,
            byteLimit: options.byteLimit)
        let readers = model.graph.consumers()
        let sites = model.graph.fittingOrder(of: LinearSite.sites(of: model.graph)) { site in
            SiteGeometry(site, call: 0, of: model.graph, shapes: base.shapes)?.features ?? 0
        }
        var fits: [LayerFit] = []
        var isFitted = Set<Int>()
        var met = Set<Int>()
        for site in sites {
            var tail = SiteTail(behind: site.nodes[0], of: model, readers: readers)
            // What is still to be fitted cannot be made up for.
            let waits = tail.others.contains { other in
                model.graph.site(behind: other, among: sites).map { !isFitted.contains($0) }
                    ?? false
            }
            if waits { (tail.others, tail.output) = ([], TensorReference(node: site.nodes[0])) }
            isFitted.insert(site.layer)
            let demand = demands[site.layer].flatMap { $0.role == site.role ? $0 : nil }
            if try meetsWithoutFit(demand, site, pruned) {
                if demand != nil { met.insert(site.layer) }
                continue
            }
            guard
                let rows = try collect(site, tail: site.nodes.count == 1 ? tail : nil, base, pruned)
            else { continue }
            fits.append(try fit(site, tail, rows, pruned, readers, demand))
            if demand != nil { met.insert(site.layer) }
        }
        return (pruned.graph, fits, met)
    }

    /// The indices of a site's output channels that stay.
    func keptOutputs(_ site: LinearSite, channels: Int) -> [Int] {
        let kept = outputLabels(site).flatMap { cut?.kept($0) }
        return kept.map { $0.map(Int.init) } ?? Array(0..<channels)
    }

    func outputLabels(_ site: LinearSite) -> ChannelLabels? {
        let tensor = TensorReference(node: site.nodes[0])
        let axis = site.channelAxis(rank: model.shapes[tensor].rank)
        return model.map.tensors[tensor]?.axes[axis]
    }

    // MARK: Rows

    /// Runs both networks up to a site and takes down what goes in and what should come out.
    private func collect(
        _ site: LinearSite, tail: SiteTail?, _ base: ActivationWalk, _ pruned: ActivationWalk
    ) throws -> SiteRows? {
        let calls = site.nodes.indices
        let from = calls.compactMap {
            SiteGeometry(site, call: $0, of: base.graph, shapes: base.shapes)
        }
        let to = calls.compactMap {
            SiteGeometry(site, call: $0, of: pruned.graph, shapes: pruned.shapes)
        }
        guard from.count == calls.count, to.count == calls.count, let first = to.first,
            let origin = from.first,
            // Where channels stand among the places, those of the two networks are not the same.
            zip(from, to).allSatisfy({ $0.places == $1.places }),
            first.features <= CalibrationStatistics.featureLimit
        else { return nil }
        let others = tail?.others ?? []
        let rowBytes = 4 * first.blocks * (first.features + 2 * first.outputsPerBlock)
        let wantedRows = max(min(options.rows, options.rowByteLimit / rowBytes), 1) / calls.count
        let choices = to.map {
            PlaceChoice(
                places: $0.places, samples: samples.count, rows: wantedRows, seed: site.layer)
        }
        let perSample = choices.reduce(0) { $0 + $1.perSample }
        let heldOut = samples.count - max(samples.count / 5, min(1, samples.count - 1))
        let rows = SiteRows(
            geometry: first, count: perSample * samples.count, heldOut: perSample * heldOut,
            hasBranch: !others.isEmpty)
        let kept = keptOutputs(site, channels: origin.outputs)
        let scales = tail?.scales(in: base.graph)
        // A channel that the normalisation all but mutes cannot make up for another branch.
        let factors = kept.map { channel -> Float in
            let scale = scales.map { $0[channel] } ?? 1
            return abs(scale) > 1e-4 ? 1 / Float(scale) : 0
        }
        let isLinear = model.graph.layers[site.layer].hasLinearActivation
        let inputs = site.inputs(in: model.graph)
        let targets = site.nodes.map { TensorReference(node: $0) }
        let baseLeg = try base.leg(to: (isLinear ? targets : inputs) + others)
        let prunedLeg = try pruned.leg(to: inputs + others)
        let reader = TargetReader(
            site: site, geometries: from, kept: kept, isLinear: isLinear, graph: base.graph)
        @Sendable func start(_ sample: Int, _ call: Int) -> Int {
            sample * perSample + choices[..<call].reduce(0) { $0 + $1.perSample }
        }
        try baseLeg.run { range, tensors in
            for (offset, sample) in range.enumerated() {
                for call in calls {
                    let row = start(sample, call)
                    reader.read(
                        tensors[isLinear ? targets[call] : inputs[call]], sample: offset,
                        call: call, places: choices[call][sample], to: rows, row: row)
                    for other in others {
                        add(
                            1, tensors[other], sample: offset, places: choices[call][sample],
                            steps: from[call].output, kept: kept, factors: factors, to: rows,
                            row: row)
                    }
                }
            }
        }
        let all = Array(kept.indices)
        try prunedLeg.run { range, tensors in
            for (offset, sample) in range.enumerated() {
                for call in calls {
                    let places = choices[call][sample]
                    let row = start(sample, call)
                    let geometry = to[call]
                    tensors[inputs[call]]?.withSample(offset, size: geometry.input.sampleSize) {
                        for block in 0..<geometry.blocks {
                            geometry.gather(
                                $0, places: places, block: block,
                                into: rows.features(block: block, row: row))
                        }
                    }
                    for other in others {
                        add(
                            -1, tensors[other], sample: offset, places: places,
                            steps: geometry.output, kept: all, factors: factors, to: rows, row: row)
                    }
                }
            }
        }
        baseLeg.finish()
        prunedLeg.finish()
        return rows
    }

    /// Adds to the targets what another branch of a sum gives in the base, or takes off what it gives now.
    ///
    /// - Parameters:
    ///   - sign: 1 for the base, -1 for the pruned network.
    ///   - kept: the branch's channels, in the order of the site's outputs.
    ///   - factors: one over the scale of the normalisation between.
    private func add(
        _ sign: Float, _ branch: Tensor?, sample: Int, places: [Int],
        steps: SiteGeometry.ElementSteps, kept: [Int], factors: [Float], to rows: SiteRows, row: Int
    ) {
        branch?.withSample(sample, size: steps.sampleSize) { values in
            for (index, channel) in kept.enumerated() {
                let target = rows.target(output: index)
                let added = sign < 0 ? rows.branch(output: index) : nil
                for (offset, place) in places.enumerated() {
                    let value =
                        factors[index] * values[place * steps.place + channel * steps.channel]
                    target[(row + offset) * rows.outputs] += sign * value
                    added?[(row + offset) * rows.outputs] += value
                }
            }
        }
    }

    // MARK: Fit

    private func fit(
        _ site: LinearSite, _ tail: SiteTail, _ rows: SiteRows, _ pruned: ActivationWalk,
        _ readers: [TensorReference: [Int]], _ demand: SparsityDemand?
    ) throws -> LayerFit {
        let name = model.graph.layers[site.layer].name
        guard let geometry = SiteGeometry(site, call: 0, of: pruned.graph, shapes: pruned.shapes),
            let place = pruned.graph.layers[site.layer].weights.firstIndex(where: {
                $0.role == site.role
            })
        else { throw PruningError(.rewrite, at: name, "its kernel is missing") }
        var kernel = pruned.graph.layers[site.layer].weights[place].floats()
        let prior = (0..<geometry.blocks).map { geometry.matrix(kernel, block: $0) }
        let biases = bias(site, tail, pruned.graph, count: geometry.outputs)
        rows.center()
        let clip =
            options.sparesClipped && site.nodes.count == 1
            ? OutputClip(
                site, tail: tail, of: model, readers: readers,
                kept: keptOutputs(site, channels: outputLabels(site)?.count ?? 0))
            : nil
        let fit = fit(
            rows, prior: prior, biases: biases, clip: clip, demand,
            importance: importance(site, tail, outputs: geometry.outputs),
            channels: geometry.channelsPerBlock)
        for block in 0..<geometry.blocks {
            geometry.store(fit.kernels[block], block: block, into: &kernel)
        }
        pruned.graph.layers[site.layer].weights[place] =
            pruned.graph.layers[site.layer].weights[place].replacing(values: kernel)
        let shift = zip(fit.intercepts, biases).map { Float($0 - $1) }
        let folding = Folding(
            role: "bias", offset: 0, shift: shift, edge: shift.map { _ in 0 })
        _ = try model.place(
            folding, layer: site.layer, nodes: site.nodes, of: &pruned.graph)
        pruned.forget(outputsOf: site.layer)
        var report = fit.report
        report.layer = name
        return report
    }

    /// What is added to each output now: the bias, or what the moving mean behind it was shifted by.
    private func bias(
        _ site: LinearSite, _ tail: SiteTail, _ graph: ModelGraph, count: Int
    ) -> [Double] {
        if let bias = graph.layers[site.layer].weight("bias") {
            return bias.floats().map(Double.init)
        }
        guard let normalization = tail.normalization,
            let now = graph.layers[normalization].weight("moving_mean")?.floats(),
            let before = model.graph.layers[normalization].weight("moving_mean")?.floats(),
            now.count == count
        else { return Array(repeating: 0, count: count) }
        let kept = keptOutputs(site, channels: before.count)
        return zip(kept, now).map { Double(before[$0]) - Double($1) }
    }
}

extension Tensor {
    func withSample(_ index: Int, size: Int, _ body: (UnsafePointer<Float>) -> Void) {
        values.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, (index + 1) * size <= buffer.count else { return }
            body(base + index * size)
        }
    }
}
