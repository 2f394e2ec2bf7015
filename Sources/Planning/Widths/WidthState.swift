/// A choice of widths with everything that it costs, kept up to date change by change.
struct WidthState {
    let layout: WidthLayout
    /// For each group an index into its widths, then one into the levels of the sparsity.
    private(set) var levels: [Int]
    private var counts: [Int]
    private var callMs: [Double]
    private var elements: [Double]
    private var momentBytes: [Double]
    private(set) var reading: WidthReading
    private let memoryLimit: Double?
    /// Calls and products that were evaluated.
    private(set) var work = 0

    /// - Complexity: linear in the calls, products and moments.
    init(_ layout: WidthLayout, levels: [Int]) {
        self.layout = layout
        self.levels = levels
        let problem = layout.problem
        memoryLimit = problem.limits[.memory]
        let widths = zip(problem.groups, levels).map { $0.widths[$1] }
        let counts = layout.counts.map { $0.value(widths: widths) }
        self.counts = counts
        callMs = layout.calls.enumerated().map {
            problem.latencyMs($0, counts[$1.input], counts[$1.output])
        }
        elements = layout.products.map { factors in
            factors.reduce(1.0) { $0 * Double(counts[$1]) }
        }
        momentBytes = layout.moments.map { Double($0.value(widths: widths)) }

        reading = WidthReading()
        reading.totals = problem.fixed
        reading.totals.latencyMs += callMs.reduce(0, +)
        for (product, count) in zip(problem.products, elements) {
            reading.totals += product.perElement * count
        }
        reading.channelsKept = zip(problem.groups, levels).reduce(0) { $0 + $1.0.kept[$1.1] }
        reading.sparsity = levels[problem.groups.count]
        work = callMs.count + elements.count
        readMoments(into: &reading)
    }

    var problem: WidthProblem { layout.problem }

    /// The index that stands for the sparsity.
    var sparsityGroup: Int { layout.widths.count }

    var widths: [Int] { zip(problem.groups, levels).map { $0.widths[$1] } }

    var importance: Double { reading.importance(layout) }

    /// The value of each line that is limited.
    var values: WidthLineValues { reading.values(layout) }

    /// The number of levels of a group, or of the sparsity.
    func levelCount(_ group: Int) -> Int {
        group == sparsityGroup ? layout.sparsity.count : layout.widths[group].count
    }

    /// What the choice would cost and keep with one group at another level.
    ///
    /// - Complexity: linear in the calls and products that depend on the group, and in all moments.
    mutating func trial(_ group: Int, _ level: Int) -> WidthReading {
        change(group, level, keep: false)
    }

    /// Puts one group at another level.
    mutating func apply(_ group: Int, _ level: Int) {
        reading = change(group, level, keep: true)
        levels[group] = level
    }

    private mutating func change(_ group: Int, _ level: Int, keep: Bool) -> WidthReading {
        var result = reading
        guard group != sparsityGroup else {
            result.sparsity = level
            return result
        }
        let old = levels[group]
        let units = layout.widths[group][level] - layout.widths[group][old]
        result.channelsKept += layout.kept[group][level] - layout.kept[group][old]
        guard units != 0 else { return result }
        for share in layout.groupCounts[group] { counts[share.index] += share.perUnit * units }
        for share in layout.groupMoments[group] {
            momentBytes[share.index] += Double(share.perUnit * units)
        }

        for call in layout.groupCalls[group] {
            let (input, output) = layout.calls[call]
            let ms = layout.latencyMs(call, counts[input], counts[output])
            result.totals.latencyMs += ms - callMs[call]
            if keep { callMs[call] = ms }
        }
        for product in layout.groupProducts[group] {
            var count = 1.0
            for factor in layout.products[product] { count *= Double(counts[factor]) }
            result.totals += layout.perElement[product] * (count - elements[product])
            if keep { elements[product] = count }
        }
        work += layout.groupCalls[group].count + layout.groupProducts[group].count
        readMoments(into: &result)
        if keep { return result }

        for share in layout.groupCounts[group] { counts[share.index] -= share.perUnit * units }
        for share in layout.groupMoments[group] {
            momentBytes[share.index] -= Double(share.perUnit * units)
        }
        return result
    }

    private func readMoments(into reading: inout WidthReading) {
        var (peak, excess, over) = (0.0, 0.0, 0)
        let limit = (memoryLimit ?? .infinity) - reading.totals.residentBytes
        for bytes in momentBytes {
            peak = max(peak, bytes)
            if bytes > limit {
                excess += bytes - limit
                over += 1
            }
        }
        reading.peakBytes = peak
        reading.excessBytes = excess
        reading.excessMoments = over
    }
}
