/// A number that grows with the widths of groups: a fixed part, and some for each unit that a group
/// keeps.
///
/// The channels along an axis are one such number, the bytes of the tensors that live at a moment another.
package struct ChannelCount: Hashable, Sendable {
    /// The share of one group.
    package struct Term: Hashable, Sendable {
        /// Index into ``WidthProblem/groups``.
        package var group: Int
        package var perUnit: Int

        package init(group: Int, perUnit: Int) {
            self.group = group
            self.perUnit = perUnit
        }
    }

    package private(set) var fixed: Int
    /// At most one per group, in the order of the groups, none of them 0.
    package private(set) var terms: [Term]

    package init(fixed: Int = 0, terms: [Term] = []) {
        self.fixed = fixed
        self.terms = []
        for term in terms { add(term) }
    }

    private mutating func add(_ term: Term) {
        guard term.perUnit != 0 else { return }
        let place = terms.firstIndex { $0.group >= term.group } ?? terms.count
        if place < terms.count, terms[place].group == term.group {
            terms[place].perUnit += term.perUnit
            if terms[place].perUnit == 0 { terms.remove(at: place) }
        } else {
            terms.insert(term, at: place)
        }
    }

    /// The number at the given widths, one for each group.
    package func value(widths: [Int]) -> Int {
        terms.reduce(fixed) { $0 + $1.perUnit * widths[$1.group] }
    }

    package static func += (sum: inout ChannelCount, other: ChannelCount) {
        sum.fixed += other.fixed
        for term in other.terms { sum.add(term) }
    }

    package static func * (count: ChannelCount, factor: Int) -> ChannelCount {
        ChannelCount(
            fixed: count.fixed * factor,
            terms: count.terms.map { Term(group: $0.group, perUnit: $0.perUnit * factor) })
    }

    /// Whether it is at least as large as `other` at all widths.
    func covers(_ other: ChannelCount) -> Bool {
        guard fixed >= other.fixed else { return false }
        var index = 0
        for term in other.terms {
            while index < terms.count, terms[index].group < term.group { index += 1 }
            guard index < terms.count, terms[index].group == term.group,
                terms[index].perUnit >= term.perUnit
            else { return false }
        }
        return terms.allSatisfy { $0.perUnit >= 0 }
    }
}
