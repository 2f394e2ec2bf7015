/// Uniformly random importance: the baseline that every other criterion must beat.
package struct RandomCriterion: Criterion {
    package var seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    package var name: String { "random:\(seed)" }

    /// Depends on the seed and the group's name only, so that a group keeps its values when others change.
    package func importance(of model: PrunableModel) throws(PruningError) -> [[Double]] {
        model.groups.groups.map { group in
            var hash = StableHash()
            hash.add(group.name)
            var generator = SplitMix64(state: seed ^ hash.value)
            var scores = UnitScores(units: group.size)
            scores.add((0..<group.size).map { _ in Double.random(in: 0..<1, using: &generator) })
            return scores.normalized
        }
    }
}

/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
