import ModelGraph
import Workers

/// How far a filter is from all others of its kernel: what lies in the middle can be replaced by the rest.
///
/// Importance is the sum of Euclidean distances to the other units' slices of the same producing kernel, divided by the mean;
/// of several producing kernels, their mean.
/// Source: He et al., "Filter Pruning via Geometric Median", CVPR 2019.
/// - Complexity: units × units × slice, for every producing kernel.
package struct GeometricMedianCriterion: Criterion {
    package init() {}

    package var name: String { "geometric-median" }

    package func importance(of model: PrunableModel) throws(PruningError) -> [[Double]] {
        var result: [[Double]] = []
        for group in model.groups.groups {
            var scores = UnitScores(units: group.size)
            for member in group.weights
            where member.use == .produces && Kernel.isKernel(member.axis.role) {
                let layer = model.graph.layers[member.axis.layer]
                guard let weight = layer.weight(member.axis.role) else { continue }
                let distances = UnitVectors(weight, member: member, units: group.size).distances()
                guard distances.allSatisfy({ $0?.isFinite ?? true }) else {
                    throw PruningError(
                        .weight, at: "\(layer.name)/\(weight.role)",
                        "holds values that are not finite")
                }
                scores.add(distances)
            }
            result.append(scores.normalized)
        }
        return result
    }
}

/// The slices of a kernel by unit, each contiguous.
private struct UnitVectors {
    let values: [Float]
    /// Elements of a vector, a multiple of 16; the last ones are 0.
    let length: Int
    let present: [Bool]

    init(_ weight: Weight, member: GroupWeight, units: Int) {
        let floats = weight.floats()
        let axis = member.axis.axis
        let inner = weight.shape[(axis + 1)...].reduce(1, *)
        let size = weight.shape[axis]
        let outer = floats.count / max(inner * size, 1)
        let slices = (0..<units).map { member.indices[$0].count }.max() ?? 0
        let length = (outer * inner * slices + 15) / 16 * 16
        var values = [Float](repeating: 0, count: units * length)
        for unit in 0..<units {
            for (slice, index) in member.indices[unit].enumerated() {
                for row in 0..<outer {
                    let source = (row * size + Int(index)) * inner
                    let target = unit * length + (slice * outer + row) * inner
                    for element in 0..<inner { values[target + element] = floats[source + element] }
                }
            }
        }
        self.values = values
        self.length = length
        present = (0..<units).map { !member.indices[$0].isEmpty }
    }

    /// For each unit the sum of the distances to all others.
    func distances() -> [Double?] {
        let units = present.count
        let sums = concurrentMap(units) { unit in
            (0..<units).reduce(0.0) { sum, other in
                present[other] ? sum + distance(unit, other) : sum
            }
        }
        return zip(sums, present).map { $1 ? $0 : nil }
    }

    private func distance(_ first: Int, _ second: Int) -> Double {
        values.withUnsafeBytes { bytes in
            var sum = SIMD16<Float>.zero
            let (a, b) = (first * length * 4, second * length * 4)
            for offset in stride(from: 0, to: length * 4, by: 64) {
                let difference =
                    bytes.loadUnaligned(fromByteOffset: a + offset, as: SIMD16<Float>.self)
                    - bytes.loadUnaligned(fromByteOffset: b + offset, as: SIMD16<Float>.self)
                sum += difference * difference
            }
            return Double(sum.sum()).squareRoot()
        }
    }
}
