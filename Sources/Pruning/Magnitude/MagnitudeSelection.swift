import ModelGraph
import Workers

/// The smallest elements of some weights: below a threshold, with the ties split by order.
///
/// Lowest magnitude first; of equal ones those of the earlier weight, and in it of the lower index, go first.
struct MagnitudeSelection {
    /// What is selected of one weight.
    struct Part: Sendable {
        /// Selected elements.
        var count: Int
        /// Elements of the threshold's magnitude before this index are selected.
        var tieLimit: Int
    }

    var threshold: Double
    /// One for each weight.
    var parts: [Part]

    /// Selects the `count` smallest elements.
    ///
    /// - Parameters:
    ///   - weights: named, for errors.
    ///   - count: at most the elements of all weights.
    ///   - sampleSize: elements that are looked at to know about where the threshold lies.
    /// - Throws: ``PruningError`` naming a weight with NaN in it.
    /// - Complexity: one pass over the weights, for all but unusual distributions.
    init(
        _ count: Int, smallestOf weights: [(name: String, weight: Weight)],
        sampleSize: Int = 1 << 17
    ) throws(PruningError) {
        let weights = weights.map { ($0.name, $0.weight.materialized()) }
        let plain = weights.map(\.1)
        let pieces = MagnitudePiece.pieces(of: plain)
        threshold = 0
        var found: [MagnitudeTally]?
        if plain.allSatisfy({ $0.elementType == .float32 }) {
            // Once in ten thousand times the threshold is not where the sample says.
            for deviations in [4.0, 16.0] where found == nil {
                let window = MagnitudeWindow(
                    around: count, of: plain, sampleSize: sampleSize, deviations: deviations)
                let tallies = concurrentMap(pieces.count) { piece in
                    MagnitudeTally(pieces[piece], of: plain[pieces[piece].weight], window: window)
                }
                try MagnitudeSelection.refuseNaN(tallies, pieces, weights.map(\.0))
                guard let bits = window.threshold(count, tallies: tallies) else { continue }
                threshold = Double(Float(bitPattern: UInt32(bits)))
                found = tallies.map { $0.counted(at: bits) }
            }
        }
        let tallies: [MagnitudeTally]
        if let found {
            tallies = found
        } else {
            let radix = try MagnitudeRadix(count, pieces: pieces, weights: weights)
            threshold = radix.threshold
            tallies = radix.tallies
        }
        parts = plain.map { _ in Part(count: 0, tieLimit: 0) }
        split(count, pieces: pieces, tallies: tallies, weights: plain)
    }

    static func refuseNaN(
        _ tallies: [MagnitudeTally], _ pieces: [MagnitudePiece], _ names: [String]
    ) throws(PruningError) {
        for (tally, piece) in zip(tallies, pieces) where tally.hasNaN {
            throw PruningError(
                .weight, at: names[piece.weight], "holds NaN, which has no magnitude to compare")
        }
    }

    /// Hands the elements of the threshold's magnitude out in order, as far as they are needed.
    private mutating func split(
        _ count: Int, pieces: [MagnitudePiece], tallies: [MagnitudeTally], weights: [Weight]
    ) {
        var ties = count - tallies.reduce(0) { $0 + $1.below }
        for (piece, tally) in zip(pieces, tallies) {
            let taken = min(ties, tally.equal)
            parts[piece.weight].count += tally.below + taken
            if taken == tally.equal, ties > 0 {
                parts[piece.weight].tieLimit = piece.elements.upperBound
            } else if taken > 0 {
                parts[piece.weight].tieLimit = piece.index(
                    behind: taken, magnitude: threshold, of: weights[piece.weight])
            }
            ties -= taken
        }
    }
}

/// Consecutive elements of one weight, the unit of parallel work.
struct MagnitudePiece: Sendable {
    /// Index into the weights at hand.
    var weight: Int
    var elements: Range<Int>

    static let length = 1 << 18

    static func pieces(of weights: [Weight]) -> [MagnitudePiece] {
        weights.enumerated().flatMap { index, weight in
            stride(from: 0, to: weight.elementCount, by: length).map {
                MagnitudePiece(
                    weight: index, elements: $0..<min($0 + length, weight.elementCount))
            }
        }
    }

    /// The index behind the `count`-th element of that magnitude.
    func index(behind count: Int, magnitude: Double, of weight: Weight) -> Int {
        var found = 0
        return weight.withMagnitudes(elements) { element, value in
            if value == magnitude { found += 1 }
            return found < count ? nil : element + 1
        } ?? elements.upperBound
    }
}

extension Weight {
    /// Visits magnitudes in order until `body` returns something.
    ///
    /// The weight must have no mask.
    func withMagnitudes<Result>(
        _ elements: Range<Int>, _ body: (_ element: Int, _ magnitude: Double) -> Result?
    ) -> Result? {
        withExtendedLifetime(storage) {
            let bytes = storage.bytes
            func visit<T: BitwiseCopyable>(_: T.Type, _ magnitude: (T) -> Double) -> Result? {
                let size = MemoryLayout<T>.size
                for element in elements {
                    let value = bytes.loadUnaligned(fromByteOffset: element * size, as: T.self)
                    if let result = body(element, magnitude(value)) { return result }
                }
                return nil
            }
            switch elementType {
            case .float16: return visit(Float16.self) { Double(abs($0)) }
            case .bfloat16:
                return visit(UInt16.self) { Double(abs(Float(bitPattern: UInt32($0) << 16))) }
            case .float32: return visit(Float.self) { Double(abs($0)) }
            case .float64: return visit(Double.self) { abs($0) }
            default: return nil
            }
        }
    }
}
