import ModelGraph
import Pruning

/// Magnitudes of some elements of each kernel, to tell what zeroing the smallest of them loses.
///
/// What is lost is the share of the sum of squares: what the layer's output is expected to change by,
/// squared and in proportion, when what comes in is uncorrelated. A channel loses by the same measure:
/// one of average norm among n takes away one n-th.
struct KernelSamples: Sendable {
    /// What is known of one kernel.
    struct Sample: Sendable {
        var kernel: Kernel
        /// Magnitudes of evenly spread elements, ascending.
        var magnitudes: [Float]
        /// Sums of the squares of the smallest `i` magnitudes, and of all.
        var sums: [Double]
        /// Share of the squares lost when the smallest of each four go, by how many stay.
        var lostOfFour: [Int: Double]

        /// Share of the sum of squares that the smallest elements have.
        ///
        /// - Parameter share: share of elements.
        func lost(share: Double) -> Double {
            guard let total = sums.last, total > 0 else { return 0 }
            let place = min(max(share, 0), 1) * Double(magnitudes.count)
            let low = Int(place)
            guard low < magnitudes.count else { return 1 }
            let next = Double(magnitudes[low])
            return (sums[low] + (place - Double(low)) * next * next) / total
        }

        /// Share of elements that are not larger.
        func share(upTo threshold: Float) -> Double {
            var (low, high) = (0, magnitudes.count)
            while low < high {
                let middle = (low + high) / 2
                if magnitudes[middle] <= threshold { low = middle + 1 } else { high = middle }
            }
            return magnitudes.isEmpty ? 0 : Double(low) / Double(magnitudes.count)
        }
    }

    /// In the order of layers and weights.
    let samples: [Sample]

    /// Elements taken of each kernel.
    static let size = 2048

    init(_ graph: ModelGraph, kernels: [Kernel]) {
        samples = kernels.compactMap { kernel in
            graph.layers[kernel.layer].weight(kernel.role).map { Self.sample(kernel, $0) }
        }
    }

    private static func sample(_ kernel: Kernel, _ weight: Weight) -> Sample {
        let count = weight.elementCount
        let taken = min(count, size)
        let step = max(count / max(taken, 1), 1)
        var magnitudes = weight.magnitudes(step: step, count: taken)
        func squares(_ values: some Sequence<Float>) -> Double {
            values.reduce(0) { $0 + Double($1) * Double($1) }
        }
        var lostOfFour: [Int: Double] = [:]
        let whole = squares(magnitudes)
        for stay in [1, 2] where whole > 0 {
            var lost = 0.0
            for start in stride(from: 0, to: magnitudes.count - 3, by: 4) {
                lost += squares(magnitudes[start..<start + 4].sorted().prefix(4 - stay))
            }
            lostOfFour[stay] = lost / whole
        }
        magnitudes.sort()
        var sums = [0.0]
        sums.reserveCapacity(magnitudes.count + 1)
        for magnitude in magnitudes {
            sums.append(sums[sums.count - 1] + Double(magnitude) * Double(magnitude))
        }
        return Sample(
            kernel: kernel, magnitudes: magnitudes,
            sums: sums, lostOfFour: lostOfFour)
    }
}

extension KernelSamples {
    /// How the zeros are spread over the kernels.
    enum Spread: Hashable, Sendable {
        /// Every kernel gets the same share.
        case even
        /// One threshold for all.
        case threshold
        /// So many of each four stay.
        case ofFour(Int)
    }

    /// The noise that a share of zeros brings into the network: over all kernels, what the zeros took of
    /// the sum of squares for what they left.
    ///
    /// - Parameter samples: kernels that weight pruning may touch.
    static func noise(_ samples: [Sample], share: Double, _ spread: Spread) -> Double {
        guard share > 0 else { return 0 }
        let lost: (Sample) -> Double
        switch spread {
        case .even: lost = { $0.lost(share: share) }
        case .threshold:
            let threshold = threshold(samples, share: share)
            lost = { $0.lost(share: $0.share(upTo: threshold)) }
        case .ofFour(let stay): lost = { $0.lostOfFour[stay] ?? 0 }
        }
        return samples.reduce(0) { $0 + 1 / max(1 - lost($1), 1e-9) - 1 }
    }

    /// The magnitude up to which so many elements of all kernels are.
    static func threshold(_ samples: [Sample], share: Double) -> Float {
        let elements = samples.reduce(0.0) { $0 + Double($1.kernel.elementCount) }
        var low: Float = 0
        var high = samples.reduce(Float(0)) { max($0, $1.magnitudes.last ?? 0) }
        for _ in 0..<40 {
            let middle = (low + high) / 2
            let below = samples.reduce(0.0) {
                $0 + Double($1.kernel.elementCount) * $1.share(upTo: middle)
            }
            if below >= share * elements { high = middle } else { low = middle }
        }
        return high
    }
}

extension Weight {
    /// Magnitudes of every `step`-th element; what is not finite counts as 0.
    fileprivate func magnitudes(step: Int, count: Int) -> [Float] {
        let bytes = storage.bytes
        func read<T>(_: T.Type, _ convert: (T) -> Float) -> [Float] {
            let size = MemoryLayout<T>.stride
            let held = bytes.count / size
            return (0..<count).filter { $0 * step < held }.map { index in
                let offset = index * step * size
                let value = abs(convert(bytes.loadUnaligned(fromByteOffset: offset, as: T.self)))
                return value.isFinite ? value : 0
            }
        }
        // The storage lives as long as the weight does, also past the last use of its bytes.
        return withExtendedLifetime(storage) {
            switch elementType {
            case .float32: read(Float.self) { $0 }
            case .float16: read(Float16.self) { Float($0) }
            case .bfloat16: read(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
            case .float64: read(Double.self) { Float($0) }
            default: []
            }
        }
    }
}
