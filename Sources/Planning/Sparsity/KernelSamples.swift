import ModelGraph

/// Magnitudes of some elements of each kernel, to tell what zeroing the smallest of them loses.
///
/// What is lost is the share of the sum of magnitudes, the units in which the L1 criterion measures
/// channels too: removing a channel and zeroing as much magnitude one by one lose the same.
struct KernelSamples: Sendable {
    /// One kernel.
    struct Kernel: Sendable {
        var layer: Int
        var role: String
        /// Elements of the kernel.
        var elements: Int
        /// What the kernel weighs among all: the channels that it makes.
        var importance: Double
        /// Magnitudes of evenly spread elements, ascending.
        var magnitudes: [Float]
        /// Sums of the smallest `i` magnitudes, and of all.
        var sums: [Double]
        /// Share of magnitude lost when the smallest of each four go, by how many stay.
        var lostOfFour: [Int: Double]

        /// Share of the magnitude that the smallest elements have.
        ///
        /// - Parameter share: share of elements.
        func lost(share: Double) -> Double {
            guard let total = sums.last, total > 0 else { return 0 }
            let place = min(max(share, 0), 1) * Double(magnitudes.count)
            let low = Int(place)
            guard low < magnitudes.count else { return 1 }
            return (sums[low] + (place - Double(low)) * Double(magnitudes[low])) / total
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

    let kernels: [Kernel]

    /// Elements taken of each kernel.
    static let size = 2048

    init(_ graph: ModelGraph, kernels: [(layer: Int, weight: Int)]) {
        self.kernels = kernels.map { place in
            Self.sample(graph.layers[place.layer].weights[place.weight], layer: place.layer)
        }
    }

    private static func sample(_ weight: Weight, layer: Int) -> Kernel {
        let count = weight.elementCount
        let taken = min(count, size)
        let step = max(count / max(taken, 1), 1)
        var magnitudes = weight.magnitudes(step: step, count: taken)
        var lostOfFour: [Int: Double] = [:]
        let whole = magnitudes.reduce(0.0) { $0 + Double($1) }
        for stay in [1, 2] where whole > 0 {
            var lost = 0.0
            for start in stride(from: 0, to: magnitudes.count - 3, by: 4) {
                lost += magnitudes[start..<start + 4].sorted().prefix(4 - stay)
                    .reduce(0.0) { $0 + Double($1) }
            }
            lostOfFour[stay] = lost / whole
        }
        magnitudes.sort()
        var sums = [0.0]
        sums.reserveCapacity(magnitudes.count + 1)
        for magnitude in magnitudes { sums.append(sums[sums.count - 1] + Double(magnitude)) }
        return Kernel(
            layer: layer, role: weight.role, elements: count,
            importance: Double(weight.shape.last ?? 1), magnitudes: magnitudes, sums: sums,
            lostOfFour: lostOfFour)
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

    /// Share of the importance that is kept when a share of all elements is zero.
    ///
    /// - Parameter kernels: those that weight pruning may touch.
    static func kept(_ kernels: [Kernel], share: Double, _ spread: Spread) -> Double {
        let total = kernels.reduce(0) { $0 + $1.importance }
        guard total > 0, share > 0 else { return 1 }
        let lost: (Kernel) -> Double
        switch spread {
        case .even: lost = { $0.lost(share: share) }
        case .threshold:
            let threshold = threshold(kernels, share: share)
            lost = { $0.lost(share: $0.share(upTo: threshold)) }
        case .ofFour(let stay): lost = { $0.lostOfFour[stay] ?? 0 }
        }
        return 1 - kernels.reduce(0) { $0 + $1.importance * lost($1) } / total
    }

    /// The magnitude up to which so many elements of all kernels are.
    static func threshold(_ kernels: [Kernel], share: Double) -> Float {
        let elements = kernels.reduce(0.0) { $0 + Double($1.elements) }
        var low: Float = 0
        var high = kernels.reduce(Float(0)) { max($0, $1.magnitudes.last ?? 0) }
        for _ in 0..<40 {
            let middle = (low + high) / 2
            let below = kernels.reduce(0.0) {
                $0 + Double($1.elements) * $1.share(upTo: middle)
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
