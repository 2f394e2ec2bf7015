import ModelGraph
import Workers

/// Selection by digits, two to six passes over the weights: for types other than float32 and for weights
/// so full of equal values that a window does not help.
struct MagnitudeRadix {
    let threshold: Double
    let tallies: [MagnitudeTally]

    /// - Throws: ``PruningError`` naming a weight with NaN in it.
    init(
        _ rank: Int, pieces: [MagnitudePiece], weights: [(name: String, weight: Weight)]
    ) throws(PruningError) {
        // Magnitudes as the bits of a float64, which order like the numbers.
        var prefix: UInt64 = 0
        var rest = rank
        let lowest = weights.map { $0.weight.elementType.lowestBit }.min() ?? 0
        var end = 64
        while end > lowest {
            let shift = max(end - MagnitudeRadix.digitWidth, 0)
            let known = end == 64 ? 0 : ~UInt64(0) << UInt64(end)
            let wanted = prefix
            let bins = concurrentMap(pieces.count) { number in
                MagnitudeRadix.bins(
                    pieces[number], of: weights[pieces[number].weight].weight, shift: shift,
                    known: known, prefix: wanted)
            }
            if end == 64 {
                let tallies = bins.map { bins in
                    var tally = MagnitudeTally()
                    tally.hasNaN = bins.isEmpty
                    return tally
                }
                try MagnitudeSelection.refuseNaN(tallies, pieces, weights.map(\.name))
            }
            var digit = 0
            while digit < 1 << MagnitudeRadix.digitWidth - 1 {
                let count = bins.reduce(0) { $0 + Int($1[digit]) }
                guard rest > count else { break }
                rest -= count
                digit += 1
            }
            prefix |= UInt64(digit) << UInt64(shift)
            end = shift
        }
        let threshold = Double(bitPattern: prefix)
        self.threshold = threshold
        tallies = concurrentMap(pieces.count) { number in
            var tally = MagnitudeTally()
            let piece = pieces[number]
            let _: Void? = weights[piece.weight].weight.withMagnitudes(piece.elements) { _, value in
                if value < threshold {
                    tally.below += 1
                } else if value == threshold {
                    tally.equal += 1
                }
                return nil
            }
            return tally
        }
    }

    private static let digitWidth = 11

    /// How often each digit occurs among magnitudes with the given digits before it; empty if there is NaN.
    private static func bins(
        _ piece: MagnitudePiece, of weight: Weight, shift: Int, known: UInt64, prefix: UInt64
    ) -> [Int32] {
        var bins = [Int32](repeating: 0, count: 1 << digitWidth)
        let digits = UInt64(bins.count - 1)
        let nan: Bool? = weight.withMagnitudes(piece.elements) { _, value in
            if value.isNaN { return true }
            let bits = value.bitPattern
            if bits & known == prefix { bins[Int(bits >> UInt64(shift) & digits)] += 1 }
            return nil
        }
        return nan == true ? [] : bins
    }
}

extension ElementType {
    /// The lowest bit that can be set when a value of the type stands in a float64.
    fileprivate var lowestBit: Int {
        switch self {
        // 52 bits of fraction, less those of the type; denormals of the narrow types have fewer.
        case .float16: 42
        case .bfloat16: 45
        case .float32: 29
        default: 0
        }
    }
}
