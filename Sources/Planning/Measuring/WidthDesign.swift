import Contexts
package import Pruning

/// Which widths to give a network's channel groups, time after time, so that each layer is seen at all pairs of its widths.
///
/// Every group has a ladder of `levels` widths, the last one its own. In setting `(t, s)` group `g` takes rung `t + kᵍ·s`
/// modulo the prime `levels`, or rung `s` alone. Two groups with different `k` meet in all pairs of rungs over the `levels²`
/// settings: an orthogonal array of strength 2 (Bose and Bush, "Orthogonal arrays of strength two and three", 1952). Groups
/// on both sides of a layer get different `k`, groups that are joined side by side get the same, so that their sum has few values.
/// The first setting is the network as it is.
package struct WidthDesign: Sendable {
    /// For each setting the units that each group keeps; the first is the network itself, none is there twice.
    package let settings: [[Int]]
    private let groups: [ChannelGroup]
    /// For each group all widths that make sense, ascending.
    private let choices: [[Int]]

    /// - Parameters:
    ///   - analysis: of the network.
    ///   - multiple: the widths that the hardware's kernels are rounded up to.
    ///   - levels: a prime number of widths for each group.
    package init(_ analysis: ModelAnalysis, multiple: Int, levels: Int) {
        let groups = analysis.model.groups.groups
        self.groups = groups
        let ladders = groups.map { Self.ladder($0, multiple: multiple, levels: levels) }
        choices = groups.map { Self.choices($0, multiple: multiple) }
        let slopes = Self.slopes(analysis, groups: groups.count, levels: levels)
        let count = levels * levels
        // A step without a common factor visits all settings, neighbours far apart, so that a machine that slows down for a
        // while does not slow down one width alone.
        let step = levels > 3 ? 17 : 4
        var settings: [[Int]] = []
        var seen: Set<[Int]> = []
        for number in 0..<count {
            let index = number * step % count
            let (t, s) = (levels - 1 - index % levels, index / levels)
            let widths = groups.indices.map { group in
                let slope = slopes[group]
                let rung =
                    slope == levels ? (s + levels - 1) % levels : (t + slope * s) % levels
                return ladders[group][rung]
            }
            if seen.insert(widths).inserted { settings.append(widths) }
        }
        self.settings = settings
    }

    /// Widths drawn at random, independently for each group, none below a quarter.
    ///
    /// - Parameter random: gives numbers from 0 up to 1.
    package func randomWidths(_ random: () -> Double) -> [Int] {
        zip(groups, choices).map { group, choices in
            let fair = choices.filter { $0 * 4 >= group.size }
            return fair.isEmpty ? group.size : fair[Int(random() * Double(fair.count))]
        }
    }

    /// The plan that keeps so many units of each group, the first ones.
    package func plan(_ widths: [Int], of model: PrunableModel) -> PruningPlan {
        var plan = PruningPlan(keepingAllOf: model, criterion: "none")
        plan.groups = zip(groups, widths).map { group, width in
            GroupPlan(
                group: group.name, size: group.size,
                kept: group.keeping(
                    width, importance: Array(repeating: 0, count: group.size)))
        }
        return plan
    }

    // MARK: Widths

    /// Whole steps of the hardware, and halves of the first one, from the fewest units that may stay to all.
    private static func choices(_ group: ChannelGroup, multiple: Int) -> [Int] {
        let step = self.step(group, multiple: multiple)
        var widths = Set(stride(from: step, to: group.size, by: step))
        var half = step / 2
        while half >= 2 {
            widths.insert(half)
            half /= 2
        }
        widths.insert(group.size)
        return widths.filter { $0 >= group.fewest && $0 <= group.size }.sorted()
    }

    /// `levels` of those widths, from a sixteenth of the group to all of it; wide ones twice where there are fewer.
    ///
    /// Most lie in the upper half, as they do in plans: a layer is slower the more its neighbours have moved through the caches.
    static func ladder(_ group: ChannelGroup, multiple: Int, levels: Int) -> [Int] {
        let choices = choices(group, multiple: multiple)
        var chosen: Set<Int> = [group.size]
        for share in [0.5, 0.25, 0.75, 0.375, 0.0625, 0.625, 0.125, 0.875]
        where chosen.count < levels {
            let wish = Double(group.size) * share
            let nearest = choices.min { one, two in
                (abs(Double(one) - wish), one) < (abs(Double(two) - wish), two)
            }
            if let nearest { chosen.insert(nearest) }
        }
        let ladder = chosen.sorted()
        return (1...levels).map { rung in ladder[(rung * ladder.count + levels - 1) / levels - 1] }
    }

    private static func step(_ group: ChannelGroup, multiple: Int) -> Int {
        var (a, b) = (max(multiple, 1), max(group.channelsPerUnit, 1))
        while b != 0 { (a, b) = (b, a % b) }
        return max(multiple, 1) / a
    }

    // MARK: Which groups meet

    /// For each group its `k`, from 0 to `levels`; the last stands for "rung s alone".
    private static func slopes(
        _ analysis: ModelAnalysis, groups: Int, levels: Int
    ) -> [Int] {
        var parents = Array(0..<groups)
        func root(_ group: Int) -> Int {
            var group = group
            while parents[group] != group { group = parents[group] }
            return group
        }
        // What is summed or joined keeps step.
        for call in analysis.costs.calls {
            for count in [call.input, call.output] {
                for term in count.terms.dropFirst() {
                    parents[root(term.group)] = root(count.terms[0].group)
                }
            }
        }
        var neighbours: [Int: Set<Int>] = [:]
        for (call, workload) in zip(analysis.costs.calls, analysis.costs.workloads)
        where !workload.isFused {
            guard let input = call.input.terms.first, let output = call.output.terms.first else {
                continue
            }
            let (one, two) = (root(input.group), root(output.group))
            guard one != two else { continue }
            neighbours[one, default: []].insert(two)
            neighbours[two, default: []].insert(one)
        }
        // Those with most neighbours choose first; who finds all taken shares with the fewest.
        var slopes: [Int: Int] = [:]
        var uses = Array(repeating: 0, count: levels + 1)
        let order = Set(parents.indices.map(root)).sorted { one, two in
            (neighbours[two]?.count ?? 0, one) < (neighbours[one]?.count ?? 0, two)
        }
        for group in order {
            var taken = Array(repeating: 0, count: levels + 1)
            for neighbour in neighbours[group] ?? [] {
                if let slope = slopes[neighbour] { taken[slope] += 1 }
            }
            let slope = (0...levels).min { (taken[$0], uses[$0], $0) < (taken[$1], uses[$1], $1) }
            slopes[group] = slope ?? 0
            uses[slope ?? 0] += 1
        }
        return parents.indices.map { slopes[root($0)] ?? 0 }
    }
}
