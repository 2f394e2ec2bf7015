import LinearAlgebra
import Workers

/// A site's kernel with zeros, and what stays fitted to what the base gives.
struct SparseKernelFit {
    /// For each block, `outputs × features`.
    private(set) var kernels: [[Double]]
    /// One for each output of all blocks.
    private(set) var intercepts: [Double]
    /// For each block, the features that each output keeps.
    private(set) var kept: [[[Int32]]]
    private(set) var ridge: Double?
    /// Mean squared errors over all outputs, as shares of the targets' variance: of the same number of zeros chosen by magnitude, and now.
    private(set) var errorBefore = 0.0
    private(set) var errorAfter = 0.0

    /// How it is done.
    struct Request {
        var sparsity: KernelSparsity
        var choice: WeightChoice
        /// Whether weights that stay are fitted.
        var refits: Bool
        /// What errors of each output count, over all blocks.
        var importance: [Double]
        /// Input channels of a block.
        var channels: Int
        var zeros: Int
    }

    /// The ridge with which weights are chosen.
    static let searchRidge = 1e-3
    /// Ridges of the last fit that are tried on the samples held out.
    static let ridges = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
    /// Steps of conjugate gradients where exact fits would be too dear.
    static let gradientSteps = 24
    /// Bytes of factors that are kept between steps.
    static let factorLimit = 1 << 30

    private let rows: SiteRows
    private let whole: [NormalEquations]

    /// Fits.
    ///
    /// - Parameters:
    ///   - rows: centred.
    ///   - prior: the kernels as they are, for each block `outputs × features`.
    ///   - biases: what is added to each output now.
    ///   - clip: what follows; nil for nothing that cuts.
    init(
        _ rows: SiteRows, prior: [[Double]], biases: [Double], clip: OutputClip?, request: Request
    ) {
        self.rows = rows
        let parts = concurrentMap(rows.blocks) { block in
            var moments = rows.moments(block: block, rows: 0..<rows.heldOut)
            let held = rows.moments(block: block, rows: rows.heldOut..<rows.count)
            let fitted = moments.normalized()
            moments.add(held)
            return (fitted: fitted, held: held.normalized(), whole: moments.normalized())
        }
        whole = parts.map(\.whole)
        kernels = prior
        intercepts = []
        kept = Self.masks(prior, whole: whole, request: request)
        kernels = Self.masked(prior, kept: kept)
        if request.refits {
            let ridge = bestRidge(parts.map(\.fitted), parts.map(\.held), prior: prior)
            refit(prior: prior, ridge: ridge, clip: clip)
        }
        if intercepts.isEmpty {
            intercepts = zip(whole, kernels).flatMap { $0.intercepts(of: $1) }
        }
        weigh(prior: prior, biases: biases, request: request)
    }

    // MARK: Choice

    private static func masks(
        _ prior: [[Double]], whole: [NormalEquations], request: Request
    ) -> [[[Int32]]] {
        guard var search = search(prior, whole: whole, request: request) else { return [] }
        let stays = search.keptCount - request.zeros
        switch (request.sparsity, request.choice) {
        case (.zeros, .surgeon): search.reduce(to: stays)
        case (.zeros, _): search.keep(stays)
        case (.pattern(let pattern), .surgeon):
            search.reduce(to: pattern, channels: request.channels)
        case (.pattern(let pattern), _):
            search.keep(pattern.kept, ofEach: pattern.block, channels: request.channels)
        }
        return search.masks
    }

    private static func search(
        _ prior: [[Double]], whole: [NormalEquations], request: Request
    ) -> SparseSearch? {
        if request.choice == .surgeon,
            let search = SparseSearch(
                whole, prior: prior, importance: request.importance, ridge: searchRidge)
        {
            return search
        }
        // Weights as they are, each for itself.
        return SparseSearch(
            prior,
            costs: whole.map { equations in
                (0..<equations.features).map { feature in
                    guard request.choice != .magnitude else { return 1 }
                    let mean = equations.featureMeans[feature]
                    let square =
                        equations.gram[feature * equations.features + feature] + mean * mean
                    return square.isFinite ? square : 1
                }
            })
    }

    static func masked(_ kernels: [[Double]], kept: [[[Int32]]]) -> [[Double]] {
        zip(kernels, kept).map { kernel, kept in
            let features = kernel.count / max(kept.count, 1)
            var result = [Double](repeating: 0, count: kernel.count)
            for (output, kept) in kept.enumerated() {
                for feature in kept {
                    let index = output * features + Int(feature)
                    result[index] = kernel[index]
                }
            }
            return result
        }
    }

    // MARK: Fit

    /// The ridge that does best on the samples held out.
    private func bestRidge(
        _ fitted: [NormalEquations], _ held: [NormalEquations], prior: [[Double]]
    ) -> Double {
        var best = (error: Double.infinity, ridge: 1e-2)
        for ridge in Self.ridges {
            guard let solver = SparseSolver(fitted, prior: prior, kept: kept, ridge: ridge) else {
                continue
            }
            let kernels = solver.solve(fitted.map(\.cross), from: self.kernels)
            let error = zip(held, kernels).reduce(0) { $0 + $1.0.errors(of: $1.1).reduce(0, +) }
            if error < best.error { best = (error, ridge) }
        }
        return best.ridge
    }

    private mutating func refit(prior: [[Double]], ridge: Double, clip: OutputClip?) {
        guard let solver = SparseSolver(whole, prior: prior, kept: kept, ridge: ridge) else {
            return
        }
        self.ridge = ridge
        kernels = solver.solve(whole.map(\.cross), from: kernels)
        intercepts = zip(whole, kernels).flatMap { $0.intercepts(of: $1) }
        guard let clip else { return }
        let outputs = rows.outputs
        for _ in 0..<KernelFit.clippedSteps {
            var sides: [[Double]] = []
            var means: [Double] = []
            for block in 0..<rows.blocks {
                let aims = rows.products(
                    sparing: clip, block: block, kernel: kernels[block],
                    intercepts: Array(intercepts[block * outputs..<(block + 1) * outputs]),
                    featureMeans: whole[block].featureMeans)
                sides.append(aims.cross)
                means += aims.means
            }
            kernels = solver.solve(sides, from: kernels)
            intercepts = means.indices.map { index in
                let (block, output) = index.quotientAndRemainder(dividingBy: outputs)
                return (0..<rows.features).reduce(means[index]) {
                    $0 - kernels[block][output * rows.features + $1] * whole[block].featureMeans[$1]
                }
            }
        }
    }

    // MARK: Errors

    /// Takes down the errors, and turns intercepts of centred rows into those of rows as they are.
    private mutating func weigh(prior: [[Double]], biases: [Double], request: Request) {
        let variance = whole.reduce(0) { $0 + $1.targetSquares.reduce(0, +) }
        let scale = variance > 0 ? 1 / variance : 0
        let plain = Self.masked(
            prior,
            kept: Self.masks(
                prior, whole: whole,
                request: Request(
                    sparsity: request.sparsity, choice: .magnitude, refits: false,
                    importance: request.importance, channels: request.channels,
                    zeros: request.zeros)))
        func error(_ kernels: [[Double]], _ drift: [Double]) -> Double {
            (zip(whole, kernels).reduce(0) { $0 + $1.0.errors(of: $1.1).reduce(0, +) }
                + drift.reduce(0) { $0 + $1 * $1 }) * scale
        }
        let old = rows.uncentred(zip(whole, plain).flatMap { $0.intercepts(of: $1) }, plain)
        errorBefore = error(plain, zip(old, biases).map { $0 - $1 })
        let centred = zip(whole, kernels).flatMap { $0.intercepts(of: $1) }
        if !request.refits { intercepts = centred }
        errorAfter = error(kernels, zip(centred, intercepts).map { $0 - $1 })
        intercepts = rows.uncentred(intercepts, kernels)
    }
}
