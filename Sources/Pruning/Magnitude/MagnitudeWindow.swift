import ModelGraph
import Workers

/// A narrow range of magnitudes that almost surely holds the threshold sought.
///
/// A stratified sample tells between which values the element of a given rank lies; one pass then counts what is below
/// and collects what is inside, which are few. Magnitudes are the bits of a float32 without the sign,
/// which order like the numbers.
/// Source: after Floyd and Rivest, "Expected Time Bounds for Selection", CACM 1975.
struct MagnitudeWindow: Sendable {
    /// The smallest magnitude inside.
    let low: Int32
    /// Magnitudes inside are less than `low + width`.
    let width: Int32

    /// Above the magnitude of infinity.
    static let end: Int32 = 0x7F80_0001

    /// - Parameters:
    ///   - rank: how many elements are to be selected.
    ///   - weights: float32, without masks.
    ///   - size: elements to look at. Of fewer than eight times as many, the window holds all.
    ///   - deviations: how far the window reaches to each side, in standard deviations of a sample's rank.
    init(around rank: Int, of weights: [Weight], sampleSize size: Int, deviations: Double) {
        let total = weights.reduce(0) { $0 + $1.elementCount }
        guard total > 8 * size else {
            self.init(low: 0, width: MagnitudeWindow.end)
            return
        }
        let sample = MagnitudeWindow.sample(size, of: weights, total: total)
        let share = Double(rank) / Double(total)
        let reach = deviations * (share * (1 - share) * Double(size)).squareRoot() + 2
        let (first, last) = (Int(share * Double(size) - reach), Int(share * Double(size) + reach))
        let all = MagnitudeWindow(low: 0, width: MagnitudeWindow.end)
        let low = first < 0 ? 0 : all.value(ofRank: min(first, size - 1) + 1, in: [sample])
        let high =
            last >= size ? MagnitudeWindow.end : all.value(ofRank: last + 1, in: [sample]) + 1
        self.init(low: low, width: max(high - low, 1))
    }

    private init(low: Int32, width: Int32) {
        self.low = low
        self.width = width
    }

    /// Magnitudes of elements evenly spread but for chance within each stretch.
    ///
    /// Without chance, a stretch that is a multiple of a kernel's width would always hit the same channel.
    private static func sample(_ size: Int, of weights: [Weight], total: Int) -> [Int32] {
        let stretch = total / size
        let piece = 1 << 12
        return concurrentMap((size + piece - 1) / piece) { number in
            var generator = SplitMix64(state: UInt64(number))
            var (weight, first) = (0, 0)
            return (number * piece..<min((number + 1) * piece, size)).map { index -> Int32 in
                let position =
                    index * stretch + Int(generator.next() % UInt64(stretch))
                while weight < weights.count - 1, position - first >= weights[weight].elementCount {
                    first += weights[weight].elementCount
                    weight += 1
                }
                let bits = weights[weight].storage.bytes.loadUnaligned(
                    fromByteOffset: (position - first) * 4, as: Int32.self)
                return min(bits & 0x7FFF_FFFF, end - 1)
            }
        }.flatMap(\.self)
    }

    /// The magnitude of the element of that rank; nil if it is not inside, or was not collected.
    func threshold(_ rank: Int, tallies: [MagnitudeTally]) -> Int32? {
        let rest = rank - tallies.reduce(0) { $0 + $1.below }
        let inside = tallies.reduce(0) { $0 + $1.insideCount }
        guard rest > 0, rest <= inside else { return nil }
        if width == 1 { return low }
        guard tallies.allSatisfy(\.isComplete) else { return nil }
        return value(ofRank: rest, in: tallies.map(\.inside))
    }

    /// The value of a rank (from 1) among values inside: finds the bin that it is in, then sorts that.
    private func value(ofRank rank: Int, in lists: [[Int32]]) -> Int32 {
        let shift = Int32(max(Int32.bitWidth - width.leadingZeroBitCount - 12, 0))
        var bins = [Int](repeating: 0, count: 1 << 13)
        for list in lists {
            for value in list { bins[Int((value - low) >> shift)] += 1 }
        }
        var bin = 0
        var rest = rank
        while rest > bins[bin] {
            rest -= bins[bin]
            bin += 1
        }
        let candidates = lists.flatMap { list in
            list.filter { Int(($0 - low) >> shift) == bin }
        }
        return candidates.sorted()[rest - 1]
    }
}

/// What one piece of a weight holds, seen through a window of magnitudes.
struct MagnitudeTally: Sendable {
    /// Elements below the window; below the threshold once that is known.
    var below = 0
    /// Elements of just the threshold's magnitude, once that is known.
    var equal = 0
    var hasNaN = false
    /// The magnitudes inside the window, in order.
    private(set) var inside: [Int32] = []
    private(set) var insideCount = 0

    /// Whether all magnitudes inside were collected; not if the window turned out to be full of them.
    var isComplete: Bool { inside.count == insideCount }

    init() {}

    /// - Parameter weight: float32, without a mask.
    init(_ piece: MagnitudePiece, of weight: Weight, window: MagnitudeWindow) {
        // Few are inside, or something is odd; but for a window over everything.
        let share = window.width == MagnitudeWindow.end ? 1 : 4
        let capacity = window.width == 1 ? 0 : piece.elements.count / share
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(capacity, 1)) { buffer in
            withExtendedLifetime(weight.storage) {
                guard let base = weight.storage.bytes.baseAddress else { return }
                let collected = scan(
                    base + piece.elements.lowerBound * 4, count: piece.elements.count,
                    window: window, capacity: capacity, into: buffer)
                inside = Array(buffer[..<collected])
            }
        }
        if window.width == 1 { equal = insideCount }
    }

    /// Returns how many were collected.
    private mutating func scan(
        _ start: UnsafeRawPointer, count: Int, window: MagnitudeWindow, capacity: Int,
        into buffer: UnsafeMutableBufferPointer<Int32>
    ) -> Int {
        var collected = 0
        typealias Lanes = SIMD16<Int32>
        let magnitudeBits = Lanes(repeating: 0x7FFF_FFFF)
        let (low, last) = (Lanes(repeating: window.low), Lanes(repeating: window.width - 1))
        let infinity = Lanes(repeating: 0x7F80_0000)
        // Signs do the comparing: a difference is negative where the magnitude is less.
        var belowLanes = Lanes.zero
        var nanLanes = Lanes.zero
        var index = 0
        while index + 16 <= count {
            let value =
                start.loadUnaligned(fromByteOffset: index * 4, as: Lanes.self)
                & magnitudeBits
            let distance = value &- low
            belowLanes &-= distance &>> 31
            nanLanes |= infinity &- value
            if MagnitudeTally.hasPositive(distance | (last &- distance)) {
                collect(start + index * 4, window, capacity, buffer, &collected)
            }
            index += 16
        }
        below = Int(belowLanes.wrappedSum())
        hasNaN = nanLanes.min() < 0
        while index < count {
            let value = start.loadUnaligned(fromByteOffset: index * 4, as: Int32.self) & 0x7FFF_FFFF
            if value > 0x7F80_0000 { hasNaN = true }
            if value < window.low {
                below += 1
            } else if value - window.low < window.width {
                insideCount += 1
                if collected < capacity {
                    buffer[collected] = value
                    collected += 1
                }
            }
            index += 1
        }
        return collected
    }

    /// Whether the sign of any lane is clear.
    @inline(__always)
    private static func hasPositive(_ lanes: SIMD16<Int32>) -> Bool {
        let eight = lanes.lowHalf & lanes.highHalf
        let four = eight.lowHalf & eight.highHalf
        let two = four.lowHalf & four.highHalf
        return two[0] & two[1] >= 0
    }

    /// Takes those of 16 elements that are inside.
    @inline(__always)
    private mutating func collect(
        _ start: UnsafeRawPointer, _ window: MagnitudeWindow, _ capacity: Int,
        _ buffer: UnsafeMutableBufferPointer<Int32>, _ collected: inout Int
    ) {
        for lane in 0..<16 {
            let value = start.loadUnaligned(fromByteOffset: lane * 4, as: Int32.self) & 0x7FFF_FFFF
            guard UInt32(bitPattern: value &- window.low) < UInt32(bitPattern: window.width) else {
                continue
            }
            insideCount += 1
            if collected < capacity {
                buffer[collected] = value
                collected += 1
            }
        }
    }

    /// The same piece with `below` and `equal` for a threshold inside the window.
    func counted(at threshold: Int32) -> MagnitudeTally {
        var tally = self
        for value in inside {
            if value < threshold {
                tally.below += 1
            } else if value == threshold {
                tally.equal += 1
            }
        }
        tally.inside = []
        tally.insideCount = 0
        return tally
    }
}
