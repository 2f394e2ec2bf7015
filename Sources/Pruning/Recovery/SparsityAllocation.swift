import Foundation
import LinearAlgebra

/// What a site's outputs lose with so many zeros in its kernel.
struct SparsityCurve: Sendable {
    /// Index into the prunable kernels.
    var kernel: Int
    var weights: Int
    /// Ascending in both, from no zeros on.
    var points: [(zeros: Int, cost: Double)] = [(0, 0)]

    /// What stays at each point, of what stayed at the one before.
    static let decay = 0.8
    /// Multiply-adds for one curve, about.
    static let workLimit = 2e10

    /// From fits that make up for the zeros.
    ///
    /// - Parameters:
    ///   - prior: by block, `outputs × features`.
    ///   - equations: of the features, by block.
    ///   - importance: of the outputs' errors.
    /// - Complexity: where the site is large, a few of its outputs speak for all.
    init(
        kernel: Int, _ prior: [[Double]], _ equations: [NormalEquations], _ importance: [Double]
    ) {
        self.kernel = kernel
        weights = prior.reduce(0) { $0 + $1.count }
        let systems = equations.compactMap {
            MaskedLeastSquares($0, ridge: SparseKernelFit.searchRidge)
        }
        let features = equations.first?.features ?? 0
        let all = importance.count
        let cube = Double(features) * Double(features) * Double(features)
        let count = min(all, max(Int(Self.workLimit / max(cube, 1)), 2))
        guard systems.count == equations.count, features > 0, !systems.isEmpty else { return }
        let perBlock = all / systems.count
        let columns = (0..<count).map { index -> SparseSearch.Column in
            let output = index * all / count
            let (block, place) = output.quotientAndRemainder(dividingBy: perBlock)
            let weights = Array(prior[block][place * features..<(place + 1) * features])
            return SparseSearch.Column(
                block: block, side: systems[block].product(weights),
                importance: importance[output], kept: (0..<Int32(features)).map { $0 },
                weights: weights)
        }
        guard var search = SparseSearch(systems: systems, columns: columns) else { return }
        func gain() -> Double { search.columns.reduce(0) { $0 + $1.gain } }
        let energy = gain()
        guard energy > 0 else { return }
        let size = search.keptCount
        var left = Double(size)
        while left * Self.decay >= Double(size) * 0.01, left > 2 {
            left *= Self.decay
            search.keep(Int(left))
            search.refit(withInverse: true)
            add(share: 1 - Double(Int(left)) / Double(size), error: 1 - gain() / energy)
        }
    }

    /// From what each weight gives by itself.
    init(
        kernel: Int, _ prior: [[Double]], meanSquares: [[Double]], _ importance: [Double]
    ) {
        self.kernel = kernel
        weights = prior.reduce(0) { $0 + $1.count }
        var scores: [Double] = []
        var output = 0
        for (kernel, squares) in zip(prior, meanSquares) {
            for start in stride(from: 0, to: kernel.count, by: max(squares.count, 1)) {
                for (index, square) in squares.enumerated() {
                    let weight = kernel[start + index]
                    scores.append(weight * weight * square * importance[output])
                }
                output += 1
            }
        }
        scores.sort()
        let energy = scores.reduce(0, +)
        guard energy > 0, energy.isFinite else { return }
        var lost = 0.0
        var left = Double(scores.count)
        var next = 0
        while left * Self.decay >= Double(scores.count) * 0.01 {
            left *= Self.decay
            while next < scores.count - Int(left) {
                lost += scores[next]
                next += 1
            }
            add(share: Double(next) / Double(scores.count), error: lost / energy)
        }
    }

    /// An error near 1 leaves nothing of a layer, whatever the others do: so it costs without bound.
    private mutating func add(share: Double, error: Double) {
        let zeros = Int(share * Double(weights))
        let cost = -log(1 - min(max(error, 0), 1 - 1e-6))
        guard zeros > points[points.count - 1].zeros else { return }
        points.append((zeros, max(cost, points[points.count - 1].cost)))
    }
}

/// How many zeros each kernel gets of a total, so that the sum of what all lose is least.
struct SparsityAllocation {
    /// One for each curve.
    private(set) var zeros: [Int]

    init(_ curves: [SparsityCurve], zeros total: Int) {
        zeros = curves.map { _ in 0 }
        // Convex hulls, piece by piece from the flattest on.
        var pieces: [(slope: Double, curve: Int, count: Int)] = []
        for (index, curve) in curves.enumerated() {
            var hull: [(zeros: Int, cost: Double)] = []
            for point in curve.points {
                while hull.count >= 2,
                    Self.isAbove(hull[hull.count - 1], hull[hull.count - 2], point)
                {
                    hull.removeLast()
                }
                hull.append(point)
            }
            for (from, to) in zip(hull, hull.dropFirst()) {
                let count = to.zeros - from.zeros
                pieces.append(((to.cost - from.cost) / Double(count), index, count))
            }
            // What lies behind the last point goes only when nothing else is left.
            let rest = curve.weights - (hull.last?.zeros ?? 0)
            pieces.append((.greatestFiniteMagnitude, index, rest))
        }
        pieces.sort { ($0.slope, $0.curve) < ($1.slope, $1.curve) }
        var left = total
        for piece in pieces where left > 0 {
            let taken = min(piece.count, left)
            zeros[piece.curve] += taken
            left -= taken
        }
    }

    private static func isAbove(
        _ middle: (zeros: Int, cost: Double), _ first: (zeros: Int, cost: Double),
        _ last: (zeros: Int, cost: Double)
    ) -> Bool {
        (middle.cost - first.cost) * Double(last.zeros - first.zeros)
            >= (last.cost - first.cost) * Double(middle.zeros - first.zeros)
    }
}
