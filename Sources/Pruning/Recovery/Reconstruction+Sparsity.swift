import LinearAlgebra
package import ModelGraph

/// What is asked of one kernel.
struct SparsityDemand: Sendable {
    var role: String
    var sparsity: KernelSparsity
    /// What that comes to.
    var zeros: Int
    var choice: WeightChoice
}

extension Reconstruction {
    /// Sites with more features than that are not fitted: their moments would not fit into memory.
    static let featureLimit = CalibrationStatistics.featureLimit

    /// Makes weights zero, and fits those that stay in the same pass that makes up for removed channels.
    ///
    /// Zeros are exactly as many as asked for, and stored as zeros. Where a total is asked for, kernels share it so that the outputs of
    /// all layers lose least (``SparsityAllocation``). Kernels that are no matrix products (recurrent ones, attention's)
    /// lose their smallest weights; so do, weighed by what they are multiplied with, those with more than 8192 features.
    /// - Parameters:
    ///   - graph: the network that the plan gave, without its sparsity.
    ///   - sparsity: for the kernels of layers that are not protected.
    /// - Returns: the network; and what was done to each layer, where ``LayerFit/errorBefore`` is that of the same zeros chosen by magnitude.
    /// - Throws: ``PruningError`` naming a kernel that is not there, cannot hold so many zeros, or has NaN in it.
    package func sparsified(
        _ graph: ModelGraph, _ sparsity: WeightSparsity, choosing choice: WeightChoice = .surgeon
    ) throws -> (model: SparseModel, layers: [LayerFit]) {
        var sparse = try graph.sparsified(sparsity, protecting: model.protected)
        sparse.graph = graph
        if sparse.zeros == 0, cut == nil { return (sparse, []) }
        if sparsity.kernels.isEmpty, sparse.zeros > 0, choice != .magnitude {
            try allocate(&sparse, choosing: choice)
        }
        let plans = Dictionary(
            sparse.sparsity.kernels.map { ($0.kernel, $0.sparsity) },
            uniquingKeysWith: { first, _ in first })
        var demands: [Int: SparsityDemand] = [:]
        for report in sparse.kernels where report.zeros > 0 {
            guard let plan = plans[report.kernel.name],
                LinearSite(report.kernel.layer, of: graph)?.role == report.kernel.role
            else { continue }
            demands[report.kernel.layer] = SparsityDemand(
                role: report.kernel.role, sparsity: plan, zeros: report.zeros, choice: choice)
        }
        let walked = try fitted(graph, demands: demands)
        sparse.graph = walked.graph
        let rest = sparse.kernels.filter {
            $0.zeros > 0
                && !(walked.met.contains($0.kernel.layer)
                    && demands[$0.kernel.layer]?.role == $0.kernel.role)
        }
        let plain = try walked.graph.sparsified(
            WeightSparsity(
                scope: .layer,
                kernels: rest.compactMap { report in
                    plans[report.kernel.name].map {
                        KernelPlan(kernel: report.kernel.name, sparsity: $0)
                    }
                }), protecting: model.protected)
        for report in rest {
            let weights = plain.graph.layers[report.kernel.layer].weights
            guard let place = weights.firstIndex(where: { $0.role == report.kernel.role }) else {
                continue
            }
            sparse.graph.layers[report.kernel.layer].weights[place] = weights[place].materialized()
        }
        return (sparse, walked.layers)
    }

    /// Shares a total out among kernels.
    private func allocate(_ sparse: inout SparseModel, choosing choice: WeightChoice) throws {
        let shapes = try sparse.graph.inferShapes(
            inputs: samples.sampleShapes.map { Shape([nil] + $0) })
        let walk = ActivationWalk(
            sparse.graph, shapes: shapes, samples: samples, byteLimit: options.byteLimit)
        let readers = model.graph.consumers()
        let sites = model.graph.fittingOrder(of: LinearSite.sites(of: sparse.graph)) { _ in 0 }
        var curves: [SparsityCurve] = []
        for site in sites {
            guard
                let index = sparse.kernels.firstIndex(where: {
                    $0.kernel.layer == site.layer && $0.kernel.role == site.role
                }),
                let geometry = SiteGeometry(site, call: 0, of: walk.graph, shapes: shapes),
                let kernel = walk.graph.layers[site.layer].weight(site.role)?.floats()
            else { continue }
            let tail = SiteTail(behind: site.nodes[0], of: model, readers: readers)
            let prior = (0..<geometry.blocks).map { geometry.matrix(kernel, block: $0) }
            let importance = importance(site, tail, outputs: geometry.outputs)
            if geometry.features > Self.featureLimit {
                let squares = try meanSquares(site, walk)
                curves.append(SparsityCurve(kernel: index, prior, meanSquares: squares, importance))
                continue
            }
            let statistics = try CalibrationStatistics(walk, sites: [site], rows: options.rows / 2)
            guard let equations = statistics.blocks[site.layer]?.map(\.equations) else { continue }
            curves.append(
                choice == .surgeon
                    ? SparsityCurve(kernel: index, prior, equations, importance)
                    : SparsityCurve(
                        kernel: index, prior,
                        meanSquares: equations.map { equations in
                            (0..<equations.features).map {
                                equations.gram[$0 * equations.features + $0]
                                    + equations.featureMeans[$0] * equations.featureMeans[$0]
                            }
                        }, importance))
        }
        // What is no site keeps the share that magnitudes give it.
        let total = curves.reduce(0) { $0 + sparse.kernels[$1.kernel].zeros }
        let shares = SparsityAllocation(curves, zeros: total).zeros
        for (curve, zeros) in zip(curves, shares) { sparse.kernels[curve.kernel].zeros = zeros }
        sparse.sparsity.kernels = sparse.kernels.map {
            KernelPlan(kernel: $0.kernel.name, sparsity: .zeros($0.zeros))
        }
    }

    /// What an error of each output counts: the square of what a normalisation behind it multiplies it with.
    func importance(_ site: LinearSite, _ tail: SiteTail, outputs: Int) -> [Double] {
        guard let scales = tail.scales(in: model.graph) else {
            return Array(repeating: 1, count: outputs)
        }
        let kept = keptOutputs(site, channels: outputLabels(site)?.count ?? 0)
        guard kept.count == outputs else { return Array(repeating: 1, count: outputs) }
        // A channel that the normalisation mutes still counts a little, so that its weights are chosen by something.
        let most = kept.reduce(0) { max($0, scales[$1] * scales[$1]) }
        return kept.map { max(scales[$0] * scales[$0], most * 1e-6) }
    }

    // MARK: One kernel

    func fit(
        _ rows: SiteRows, prior: [[Double]], biases: [Double], clip: OutputClip?,
        _ demand: SparsityDemand?, importance: [Double], channels: Int
    ) -> (kernels: [[Double]], intercepts: [Double], report: LayerFit) {
        let name = ""
        guard let demand else {
            let fit = KernelFit(rows, prior: prior, biases: biases, clip: clip)
            return (
                fit.kernels, fit.intercepts,
                LayerFit(
                    layer: name, rows: rows.count, ridge: fit.ridge, errorBefore: fit.errorBefore,
                    errorAfter: fit.errorAfter)
            )
        }
        let fit = SparseKernelFit(
            rows, prior: prior, biases: biases, clip: clip,
            request: SparseKernelFit.Request(
                sparsity: demand.sparsity, choice: demand.choice, refits: options.refits,
                importance: importance, channels: channels, zeros: demand.zeros))
        return (
            fit.kernels, fit.intercepts,
            LayerFit(
                layer: name, rows: rows.count, ridge: fit.ridge, errorBefore: fit.errorBefore,
                errorAfter: fit.errorAfter)
        )
    }

    /// Deals with a site that is not to be fitted: makes weights zero by magnitudes and the mean squares of what they are multiplied with.
    ///
    /// - Returns: whether nothing is left to do for it.
    func meetsWithoutFit(
        _ demand: SparsityDemand?, _ site: LinearSite, _ pruned: ActivationWalk
    ) throws -> Bool {
        guard let geometry = SiteGeometry(site, call: 0, of: pruned.graph, shapes: pruned.shapes),
            geometry.features > Self.featureLimit || (demand == nil && !options.refits)
        else { return false }
        guard let demand else { return true }
        guard
            let place = pruned.graph.layers[site.layer].weights.firstIndex(where: {
                $0.role == site.role
            })
        else { return false }
        var kernel = pruned.graph.layers[site.layer].weights[place].floats()
        let prior = (0..<geometry.blocks).map { geometry.matrix(kernel, block: $0) }
        let costs =
            demand.choice == .magnitude
            ? prior.map { _ in Array(repeating: 1, count: geometry.features) }
            : try meanSquares(site, pruned)
        guard var search = SparseSearch(prior, costs: costs) else { return false }
        switch demand.sparsity {
        case .zeros: search.keep(search.keptCount - demand.zeros)
        case .pattern(let pattern):
            search.keep(pattern.kept, ofEach: pattern.block, channels: geometry.channelsPerBlock)
        }
        let kernels = SparseKernelFit.masked(prior, kept: search.masks)
        for block in 0..<geometry.blocks {
            geometry.store(kernels[block], block: block, into: &kernel)
        }
        pruned.graph.layers[site.layer].weights[place] =
            pruned.graph.layers[site.layer].weights[place].replacing(values: kernel)
        return true
    }

    /// The mean square of each feature, by block, over at most a few thousand rows.
    private func meanSquares(_ site: LinearSite, _ walk: ActivationWalk) throws -> [[Double]] {
        let geometries = site.nodes.indices.compactMap {
            SiteGeometry(site, call: $0, of: walk.graph, shapes: walk.shapes)
        }
        guard let first = geometries.first, geometries.count == site.nodes.count else { return [] }
        let inputs = site.inputs(in: walk.graph)
        let choices = geometries.map {
            PlaceChoice(
                places: $0.places, samples: samples.count, rows: 8192 / geometries.count,
                seed: site.layer)
        }
        var sums = [[Double]](
            repeating: Array(repeating: 0, count: first.features), count: first.blocks)
        var count = 0
        let leg = try walk.leg(to: inputs)
        try leg.run {
            $1
        } take: { range, tensors in
            for (offset, sample) in range.enumerated() {
                for (call, geometry) in geometries.enumerated() {
                    let places = choices[call][sample]
                    count += places.count
                    let rows = UnsafeMutablePointer<Float>.allocate(
                        capacity: max(places.count * geometry.features, 1))
                    defer { rows.deallocate() }
                    tensors[inputs[call]]?.withSample(offset, size: geometry.input.sampleSize) {
                        for block in sums.indices {
                            geometry.gather($0, places: places, block: block, into: rows)
                            for index in 0..<places.count * geometry.features {
                                sums[block][index % geometry.features] +=
                                    Double(rows[index]) * Double(rows[index])
                            }
                        }
                    }
                }
            }
        }
        let scale = 1 / Double(max(count, 1))
        return sums.map { $0.map { $0 * scale } }
    }
}
