/// A problem laid out so that one group's change touches only what depends on it.
final class WidthLayout: Sendable {
    /// An index with a factor.
    struct Share {
        var index: Int
        var perUnit: Int
    }

    let problem: WidthProblem
    // What every evaluation needs, out of the problem's reach for speed.
    let widths: [[Int]]
    let kept: [[Double]]
    let perElement: [WidthTotals]
    let sparsity: [SparsityChoice.Level]
    let fileOverheadBytes: Double
    let denseBytesPerByte: Double
    let limitsLoad: Bool
    let latencyMs: @Sendable (_ call: Int, _ input: Int, _ output: Int) -> Double
    let loadMs: @Sendable (_ fileBytes: Double, _ residentBytes: Double) -> Double
    /// All different counts of channels that calls and products use.
    let counts: [ChannelCount]
    /// For each call the indices of its two counts.
    let calls: [(input: Int, output: Int)]
    /// For each product the indices of its counts.
    let products: [[Int]]
    /// Moments of which none is covered by another.
    let moments: [ChannelCount]

    /// For each group, the counts that its width is part of.
    let groupCounts: [[Share]]
    let groupCalls: [[Int]]
    let groupProducts: [[Int]]
    let groupMoments: [[Share]]
    /// For each group, those that share a call or a product with it, itself among them.
    let neighbours: [[Int]]

    /// Importance of the untouched network.
    let total: Double

    init(_ problem: WidthProblem) {
        self.problem = problem
        widths = problem.groups.map(\.widths)
        kept = problem.groups.map(\.kept)
        perElement = problem.products.map(\.perElement)
        sparsity = problem.sparsity.levels
        fileOverheadBytes = problem.fileOverheadBytes
        denseBytesPerByte = problem.denseBytesPerByte
        limitsLoad = problem.limits[.load] != nil
        latencyMs = problem.latencyMs
        loadMs = problem.loadMs
        var indices: [ChannelCount: Int] = [:]
        var counts: [ChannelCount] = []
        func index(_ count: ChannelCount) -> Int {
            if let known = indices[count] { return known }
            indices[count] = counts.count
            counts.append(count)
            return counts.count - 1
        }
        calls = problem.calls.map { (index($0.input), index($0.output)) }
        products = problem.products.map { $0.factors.map(index) }
        self.counts = counts
        moments = Self.uncovered(problem.moments)

        let none = [[Int]](repeating: [], count: problem.groups.count)
        var groupCounts = [[Share]](repeating: [], count: none.count)
        for (index, count) in counts.enumerated() {
            for term in count.terms {
                groupCounts[term.group].append(Share(index: index, perUnit: term.perUnit))
            }
        }
        var groupMoments = [[Share]](repeating: [], count: none.count)
        for (index, moment) in moments.enumerated() {
            for term in moment.terms {
                groupMoments[term.group].append(Share(index: index, perUnit: term.perUnit))
            }
        }
        var (groupCalls, groupProducts, neighbours) = (none, none, none.map { Set($0) })
        func meet(_ involved: [Int]) {
            let groups = Set(involved.flatMap { counts[$0].terms.map(\.group) })
            for group in groups { neighbours[group].formUnion(groups) }
        }
        for (index, call) in calls.enumerated() {
            let groups = Set((counts[call.input].terms + counts[call.output].terms).map(\.group))
            for group in groups { groupCalls[group].append(index) }
            meet([call.input, call.output])
        }
        for (index, factors) in products.enumerated() {
            for group in Set(factors.flatMap { counts[$0].terms.map(\.group) }) {
                groupProducts[group].append(index)
            }
            meet(factors)
        }
        self.groupCounts = groupCounts
        self.groupMoments = groupMoments
        self.groupCalls = groupCalls
        self.groupProducts = groupProducts
        self.neighbours = neighbours.enumerated().map { $1.union([$0]).sorted() }
        total = problem.groups.reduce(0) { $0 + ($1.kept.last ?? 0) }
    }

    /// Drops moments at which never more lives than at another.
    static func uncovered(_ moments: [ChannelCount]) -> [ChannelCount] {
        var kept: [ChannelCount] = []
        for moment in moments where !kept.contains(where: { $0.covers(moment) }) {
            kept.removeAll { moment.covers($0) }
            kept.append(moment)
        }
        return kept
    }
}
