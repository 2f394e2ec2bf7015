/// What removing a channel is expected to cost.
///
/// A criterion gives every unit of every group a value of at least 0, more for what matters more. The values of a group
/// have the mean 1, so that groups compare: by the shape of their distribution, not by the scale of their weights.
package protocol Criterion: Sendable {
    /// As profiles and the command line name it.
    var name: String { get }

    /// The importance of the units, for each group in the order of ``ChannelGroups/groups``.
    ///
    /// - Throws: ``PruningError`` naming a weight whose values are not finite.
    func importance(of model: PrunableModel) throws(PruningError) -> [[Double]]
}

/// The criteria by name.
package enum CriterionRegistry {
    /// All names that are known, the default first.
    ///
    /// A new criterion is added here and in its own file.
    package static let names = [
        "auto", "l1", "l2", "batch-norm-scale", "geometric-median", "random",
    ]

    /// Criteria that need calibration data; a ``CalibratedImportance`` answers for them.
    package static let calibratedNames = CalibratedImportance.Criterion.allCases.map(\.rawValue)

    /// The criterion of that name; `random:7` gives the seed.
    ///
    /// - Throws: ``PruningError`` listing the names if there is no such criterion.
    package static func criterion(named name: String) throws(PruningError) -> any Criterion {
        switch name {
        case "auto", "l2": return NormCriterion(.l2)
        case "l1": return NormCriterion(.l1)
        case "batch-norm-scale": return BatchNormScaleCriterion()
        case "geometric-median": return GeometricMedianCriterion()
        case "random": return RandomCriterion(seed: 0)
        default:
            if name.hasPrefix("random:"), let seed = UInt64(name.dropFirst("random:".count)) {
                return RandomCriterion(seed: seed)
            }
            throw PruningError(
                .criterion, at: name,
                "is not known; known are \(names.joined(separator: ", ")) and random:SEED, and with calibration data "
                    + calibratedNames.joined(separator: ", "))
        }
    }
}

/// What several members of a group say about its units, brought together.
struct UnitScores {
    private var sums: [Double]
    private var counts: [Int]

    init(units: Int) {
        sums = Array(repeating: 0, count: units)
        counts = Array(repeating: 0, count: units)
    }

    /// Takes one member's values, divided by their mean; a member whose values are all 0 says nothing.
    ///
    /// - Parameter values: one for each unit; nil where the member has no channel of the unit.
    mutating func add(_ values: [Double?]) {
        let known = values.compactMap(\.self)
        let mean = known.reduce(0, +) / Double(max(known.count, 1))
        guard mean > 0 else { return }
        for (unit, value) in values.enumerated() {
            guard let value else { continue }
            sums[unit] += value / mean
            counts[unit] += 1
        }
    }

    var isEmpty: Bool { counts.allSatisfy { $0 == 0 } }

    /// The mean over the members, divided by the group's mean; all 1 where nobody said anything.
    var normalized: [Double] {
        let means = zip(sums, counts).map { $1 == 0 ? 0 : $0 / Double($1) }
        let mean = means.reduce(0, +) / Double(max(means.count, 1))
        return mean > 0 ? means.map { $0 / mean } : means.map { _ in 1 }
    }
}
