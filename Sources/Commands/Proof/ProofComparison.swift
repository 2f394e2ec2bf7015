import VariantStore

/// The differences between what two networks give, tensor by tensor.
struct ProofComparison {
    /// One of the tensors that are compared, over all inputs.
    private struct Slot {
        var layer = ""
        var difference: Float = 0
        /// The largest finite magnitude that the masked network gives.
        var scale: Float = 0
        var place: ProofResult.Place?
        var hasFinite = false

        /// As a share of the scale; of what is zero throughout, the difference itself.
        var relative: Double {
            Double(difference) / (scale > 0 ? Double(scale) : 1)
        }
    }

    private var slots: [Slot] = []

    /// Holds two tensors of the same samples against each other.
    mutating func compare(_ expected: ProofTensor, _ found: ProofTensor) {
        while slots.count <= expected.slot { slots.append(Slot()) }
        var slot = slots[expected.slot]
        slot.layer = expected.layer
        var worst: Int?
        if expected.values.count != found.values.count {
            slot.difference = .greatestFiniteMagnitude
        }
        for (index, (a, b)) in zip(expected.values, found.values).enumerated() {
            if a.isFinite {
                slot.scale = max(slot.scale, a.magnitude)
                slot.hasFinite = true
            }
            let gap = Self.gap(a, b)
            if gap > slot.difference {
                slot.difference = gap
                worst = index
            }
        }
        if let worst {
            let size = max(expected.sampleShape.reduce(1, *), 1)
            slot.place = ProofResult.Place(
                layer: expected.layer, input: expected.firstInput + worst / size,
                index: Self.index(worst % size, in: expected.sampleShape),
                masked: Double(expected.values[worst]), shrunk: Double(found.values[worst]))
        }
        slots[expected.slot] = slot
    }

    /// What is not a number on one side alone differs as much as can be.
    private static func gap(_ a: Float, _ b: Float) -> Float {
        if a == b || (a.isNaN && b.isNaN) { return 0 }
        let gap = (a - b).magnitude
        return gap.isFinite ? gap : .greatestFiniteMagnitude
    }

    private static func index(_ element: Int, in shape: [Int]) -> [Int] {
        var rest = element
        var index: [Int] = []
        for size in shape.reversed() {
            index.append(rest % max(size, 1))
            rest /= max(size, 1)
        }
        return index.reversed()
    }

    /// The largest difference as a share of the largest magnitude in its tensor.
    var relative: Double { slots.map(\.relative).max() ?? 0 }

    /// What came out.
    ///
    /// - Returns: a record that says that nothing was compared if a tensor has no finite number in it.
    func record(of inputs: any ProofInputs, tolerance: Double) -> ProofRecord {
        if let empty = slots.first(where: { !$0.hasFinite && $0.difference == 0 }) {
            return .notRun(
                reason:
                    "layer '\(empty.layer)' gives no finite number on the inputs that were tried")
        }
        let worst = slots.max { $0.relative < $1.relative }
        return .run(
            ProofResult(
                source: inputs.source, inputs: inputs.count,
                largestDifference: Double(slots.map(\.difference).max() ?? 0),
                relativeDifference: relative, tolerance: tolerance,
                worst: worst?.place))
    }
}
