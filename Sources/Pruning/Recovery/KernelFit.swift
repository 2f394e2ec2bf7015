import LinearAlgebra
import Workers

/// Least squares of one site's kernel, all blocks, with a ridge that held-out samples choose.
struct KernelFit {
    /// For each block, `outputs × features`.
    private(set) var kernels: [[Double]]
    /// One for each output of all blocks.
    private(set) var intercepts: [Double] = []
    /// Relative to the mean square of the features; nil if the kernel stayed as it was.
    private(set) var ridge: Double?
    /// Mean squared errors over all outputs, as shares of the targets' variance.
    private(set) var errorBefore = 0.0
    private(set) var errorAfter = 0.0

    /// The ridges that are tried.
    static let ridges = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    /// Steps of the fit that spares what an activation function cuts off.
    static let clippedSteps = 5

    /// Fits.
    ///
    /// - Parameters:
    ///   - rows: centred.
    ///   - prior: the kernels as they are, for each block `outputs × features`.
    ///   - biases: what is added to each output now.
    ///   - clip: what follows; nil for nothing that cuts.
    init(_ rows: SiteRows, prior: [[Double]], biases: [Double], clip: OutputClip?) {
        kernels = prior
        let parts = concurrentMap(rows.blocks) { block -> Part in
            Part(rows, block: block, prior: prior[block])
        }
        let whole = parts.map(\.whole)
        let tried = parts.first?.heldOutErrors.count ?? 0
        // One ridge for all blocks: that which did best on the samples held out, if better than leaving the kernel alone.
        var best = (error: parts.reduce(0) { $0 + $1.priorError }, index: -1)
        for index in 0..<tried {
            let error = parts.reduce(0) { $0 + ($1.heldOutErrors[index] ?? .infinity) }
            if error < best.error { best = (error, index) }
        }
        if best.index >= 0 {
            let ridge = Part.ridges(rows.features)[best.index]
            let fitted = concurrentMap(rows.blocks) { block -> [Double]? in
                guard
                    let solver = RidgeSolver(whole[block], prior: prior[block], ridge: ridge)
                else { return nil }
                var fit = BlockFit(solver: solver, whole: whole[block])
                if let clip {
                    for _ in 0..<Self.clippedSteps {
                        fit.sparing(clip, rows: rows, block: block)
                    }
                }
                return fit.kernel + fit.intercepts
            }
            if fitted.allSatisfy({ $0?.allSatisfy(\.isFinite) ?? false }) {
                let size = rows.outputs * rows.features
                kernels = fitted.map { Array(($0 ?? []).prefix(size)) }
                intercepts = fitted.flatMap { ($0 ?? []).dropFirst(size) }
                self.ridge = ridge
            }
        }
        if ridge == nil {
            intercepts = zip(whole, prior).flatMap { $0.intercepts(of: $1) }
        }
        weigh(whole, prior: prior, biases: biases, rows)
        if !intercepts.allSatisfy(\.isFinite) {
            (kernels, intercepts, ridge) = (prior, biases, nil)
        }
    }

    /// Takes down the errors, and turns intercepts of centred rows into those of rows as they are.
    private mutating func weigh(
        _ whole: [NormalEquations], prior: [[Double]], biases: [Double], _ rows: SiteRows
    ) {
        let centred = zip(whole, kernels).flatMap { $0.intercepts(of: $1) }
        let old = rows.uncentred(zip(whole, prior).flatMap { $0.intercepts(of: $1) }, prior)
        let variance = whole.reduce(0) { $0 + $1.targetSquares.reduce(0, +) }
        let scale = variance > 0 ? 1 / variance : 0
        func error(_ kernels: [[Double]], _ drift: [Double]) -> Double {
            (zip(whole, kernels).reduce(0) { $0 + $1.0.errors(of: $1.1).reduce(0, +) }
                + drift.reduce(0) { $0 + $1 * $1 }) * scale
        }
        errorBefore = error(prior, zip(old, biases).map { $0 - $1 })
        errorAfter = error(kernels, zip(centred, intercepts).map { $0 - $1 })
        intercepts = rows.uncentred(intercepts, kernels)
    }
}

/// One block: its equations, and how ridges do on the samples held out.
private struct Part: Sendable {
    var whole: NormalEquations
    /// nil for a ridge with which there is no solution.
    var heldOutErrors: [Double?]
    var priorError: Double

    static func ridges(_ features: Int) -> [Double] {
        features > 2048 ? KernelFit.ridges.filter { $0 >= 1e-5 && $0 < 1 } : KernelFit.ridges
    }

    init(_ rows: SiteRows, block: Int, prior: [Double]) {
        var moments = rows.moments(block: block, rows: 0..<rows.heldOut)
        let held = rows.moments(block: block, rows: rows.heldOut..<rows.count)
        let fitted = moments.normalized()
        let heldOut = held.normalized()
        moments.add(held)
        whole = moments.normalized()
        let choices = Self.ridges(rows.features)
        heldOutErrors = concurrentMap(choices.count) { index in
            fitted.solution(prior: prior, ridge: choices[index]).map {
                heldOut.errors(of: $0).reduce(0, +)
            }
        }
        priorError = heldOut.errors(of: prior).reduce(0, +)
    }
}

/// A kernel that is fitted again and again to targets that change, on features that do not.
private struct BlockFit {
    let solver: RidgeSolver
    let whole: NormalEquations
    var kernel: [Double]
    var intercepts: [Double]

    init(solver: RidgeSolver, whole: NormalEquations) {
        self.solver = solver
        self.whole = whole
        kernel = solver.solve(cross: whole.cross)
        intercepts = whole.intercepts(of: kernel)
    }

    /// One step towards the fit of what an activation function lets through.
    ///
    /// Where the base's value is cut off, the target becomes the present output, as far as that is cut off too. So the
    /// error that counts never grows. Source: majorisation; de Leeuw, "Applications of convex analysis to multidimensional scaling", 1977.
    mutating func sparing(_ clip: OutputClip, rows: SiteRows, block: Int) {
        let (features, outputs) = (rows.features, rows.outputs)
        let (cross, means) = rows.products(
            sparing: clip, block: block, kernel: kernel, intercepts: intercepts,
            featureMeans: whole.featureMeans)
        kernel = solver.solve(cross: cross)
        intercepts = (0..<outputs).map { output in
            var value = means[output]
            for feature in 0..<features {
                value -= kernel[output * features + feature] * whole.featureMeans[feature]
            }
            return value
        }
    }
}
