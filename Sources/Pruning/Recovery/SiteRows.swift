import LinearAlgebra
import ModelGraph

/// Features and targets of one site, row by row, at the chosen places of all samples.
// Safe to send: while it is filled, each thread has rows of its own; afterwards it is only read, but for `center`.
final class SiteRows: @unchecked Sendable {
    /// Features of one block, outputs of one block.
    let features: Int
    let outputs: Int
    let blocks: Int
    let count: Int
    /// The first row of those that choose the ridge.
    let heldOut: Int
    /// Block after block, each `count × features`.
    private let x: UnsafeMutablePointer<Float>
    /// Block after block, each `count × outputs`: what the outputs should be.
    private let y: UnsafeMutablePointer<Float>
    /// Like the targets: what is added to the outputs before the activation function; nil for nothing.
    private let branch: UnsafeMutablePointer<Float>?
    /// Taken off features and targets by ``center()``, block after block.
    private(set) var featureShifts: [Float] = []
    private(set) var targetShifts: [Float] = []

    init(geometry: SiteGeometry, count: Int, heldOut: Int, hasBranch: Bool) {
        features = geometry.features
        outputs = geometry.outputsPerBlock
        blocks = geometry.blocks
        self.count = count
        self.heldOut = heldOut
        x = .allocate(capacity: max(count * features * blocks, 1))
        y = .allocate(capacity: max(count * outputs * blocks, 1))
        branch = hasBranch ? .allocate(capacity: max(count * outputs * blocks, 1)) : nil
        branch?.initialize(repeating: 0, count: count * outputs * blocks)
    }

    deinit {
        x.deallocate()
        y.deallocate()
        branch?.deallocate()
    }

    func features(block: Int, row: Int = 0) -> UnsafeMutablePointer<Float> {
        x + (block * count + row) * features
    }

    func targets(block: Int, row: Int = 0) -> UnsafeMutablePointer<Float> {
        y + (block * count + row) * outputs
    }

    func branch(block: Int, row: Int = 0) -> UnsafeMutablePointer<Float>? {
        branch.map { $0 + (block * count + row) * outputs }
    }

    /// Where the target of one output of all blocks stands, for the row 0; rows follow at steps of ``outputs``.
    func target(output: Int) -> UnsafeMutablePointer<Float> {
        targets(block: output / outputs) + output % outputs
    }

    /// Where what is added to one output of all blocks stands, likewise.
    func branch(output: Int) -> UnsafeMutablePointer<Float>? {
        branch(block: output / outputs).map { $0 + output % outputs }
    }

    /// Takes about their means off features and targets, so that large means do not eat the digits of small variances.
    func center() {
        for block in 0..<blocks {
            let head = min(count, 4096)
            let (from, to) = (features(block: block), targets(block: block))
            let means = SecondMoments.mean(from, rows: head, columns: features)
            let targetMeans = SecondMoments.mean(to, rows: head, columns: outputs)
            SecondMoments.subtract(means, from: from, rows: count)
            SecondMoments.subtract(targetMeans, from: to, rows: count)
            featureShifts += means
            targetShifts += targetMeans
        }
    }

    /// The moments of some rows of one block.
    func moments(block: Int, rows: Range<Int>) -> SecondMoments {
        var moments = SecondMoments(features: features, targets: outputs, shifts: false)
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 4096) {
            moments.add(
                features(block: block, row: start), targets(block: block, row: start),
                rows: min(4096, rows.upperBound - start))
        }
        return moments
    }
}
