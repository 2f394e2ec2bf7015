package import ModelGraph

/// Channels of several layers that are coupled, as units each of which goes or stays as a whole.
///
/// All units are made by the same weights, so that they can be compared with each other.
package struct ChannelGroup: Sendable {
    /// The path of the first layer that makes the channels; `conv#2` for the second group of a
    /// layer whose channels go different ways, `attention.heads` for channels that never leave the layer.
    package var name: String
    /// Number of units.
    package var size: Int
    /// Slices of the first producing weight that belong to one unit: 1 but for grouped
    /// convolutions, attention heads and the like.
    package var channelsPerUnit: Int
    /// Every weight axis that has channels of the group, in the order of layers, weights and axes.
    package var weights: [GroupWeight]
    /// Every tensor axis that has channels of the group, in the order of nodes.
    package var tensors: [GroupTensor]
    /// The units that must stay, and why.
    package var protections: [Int: Protection]
    /// At least so many units stay.
    package var minimum: Int

    /// Units that are not protected.
    package var removableCount: Int { size - protections.count }

    /// The fewest units that a plan may keep.
    package var fewest: Int { min(max(minimum, protections.count, 1), size) }

    /// The reasons that protect units, each with how many, the most frequent first.
    package var reasons: [(protection: Protection, units: Int)] {
        var counts: [Protection: (first: Int, units: Int)] = [:]
        for (unit, protection) in protections {
            let known = counts[protection, default: (unit, 0)]
            counts[protection] = (min(known.first, unit), known.units + 1)
        }
        return counts.sorted { ($1.value.units, $0.value.first) < ($0.value.units, $1.value.first) }
            .map { ($0.key, $0.value.units) }
    }

    /// The units to keep if `count` may stay: protected ones, then the most important ones.
    ///
    /// - Parameters:
    ///   - count: raised to ``fewest`` where it is less.
    ///   - importance: one value per unit; of equal ones the earlier stays.
    /// - Returns: unit numbers, ascending.
    package func keeping(_ count: Int, importance: [Double]) -> [Int] {
        let count = min(max(count, fewest), size)
        let free = (0..<size).filter { protections[$0] == nil }.sorted {
            (importance[$1], $0) < (importance[$0], $1)
        }
        let kept = protections.keys + free.prefix(max(count - protections.count, 0))
        return kept.sorted()
    }
}

/// The channels of a group along one axis of a weight.
package struct GroupWeight: Hashable, Sendable {
    package var axis: WeightAxis
    package var use: WeightAxisUse
    package var indices: UnitIndices
}

/// The channels of a group along one axis of a tensor.
package struct GroupTensor: Hashable, Sendable {
    package var tensor: TensorReference
    package var axis: Int
    package var indices: UnitIndices
}

/// For each unit of a group, where its channels stand along an axis.
package struct UnitIndices: Hashable, Sendable {
    private var offsets: [Int32]
    private var indices: [Int32]

    /// Sorts the indices along an axis by unit; within a unit they keep their order.
    init(units: Int, entries: [(unit: Int32, index: Int32)]) {
        offsets = Array(repeating: 0, count: units + 1)
        for entry in entries { offsets[Int(entry.unit) + 1] += 1 }
        for unit in 0..<units { offsets[unit + 1] += offsets[unit] }
        var next = offsets
        indices = Array(repeating: 0, count: entries.count)
        for entry in entries {
            indices[Int(next[Int(entry.unit)])] = entry.index
            next[Int(entry.unit)] += 1
        }
    }

    /// Indices of all units together.
    package var count: Int { indices.count }

    /// The indices of one unit, ascending.
    package subscript(unit: Int) -> ArraySlice<Int32> {
        indices[Int(offsets[unit])..<Int(offsets[unit + 1])]
    }
}
