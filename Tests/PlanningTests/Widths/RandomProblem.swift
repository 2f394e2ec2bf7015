import Planning

/// A generator whose numbers depend on its seed alone (SplitMix64, Steele et al., OOPSLA 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Random networks in the solver's terms: convolutions of random groups, some depthwise, some over
/// concatenations, with costs that rise in steps.
struct RandomProblem {
    var groupCount = 2...5
    var unitCount = 2...16
    var hasSparsity = true

    func make(_ random: inout SeededGenerator) -> WidthProblem {
        let step = [1, 1, 2, 4, 8].randomElement(using: &random) ?? 1
        let groups = (0..<Int.random(in: groupCount, using: &random)).map { index in
            let units = Int.random(in: unitCount, using: &random)
            let scale = Double.random(in: 0.2...5, using: &random)
            let scores = (0..<units).map { _ in
                let x = Double.random(in: 0...1, using: &random)
                return scale * x * x * x
            }
            return WidthProblem.Group(
                name: "g\(index)",
                widths: WidthProblem.widths(
                    full: units, minimum: Int.random(in: 1...2, using: &random), step: step),
                curve: ImportanceCurve(scores: scores))
        }
        var problem = WidthProblem(groups: groups)
        addCalls(to: &problem, &random)
        let overhead = Double.random(in: 0...0.5, using: &random)
        let costs = problem.calls.map { _ in Double.random(in: 0.001...0.02, using: &random) }
        problem.latencyMs = { call, input, output in
            let steps = ((input + step - 1) / step) * ((output + step - 1) / step)
            return overhead + costs[call] * max(Double(steps * step * step), Double(4 * output))
        }
        problem.loadMs = { file, weights in 70 + file / 100 + weights / 1000 }
        problem.fileOverheadBytes = Double.random(in: 0...500, using: &random)
        if hasSparsity, Bool.random(using: &random) {
            problem.sparsity = SparsityChoice(
                levels: stride(from: 0.0, through: 0.9, by: 0.15).map {
                    SparsityChoice.Level(
                        share: $0, lost: $0 * $0 * 2, bytesPerByte: 0.95 - $0 * 0.9)
                })
        }
        problem.denseBytesPerByte = 0.95
        addLimits(to: &problem, &random)
        return problem
    }

    private func addCalls(to problem: inout WidthProblem, _ random: inout SeededGenerator) {
        func count(_ group: Int) -> ChannelCount {
            ChannelCount(terms: [.init(group: group, perUnit: 1)])
        }
        let groups = problem.groups.indices
        var input = ChannelCount(fixed: 3)
        for index in 0..<Int.random(in: groups.count...groups.count * 2, using: &random) {
            let group = index < groups.count ? index : Int.random(in: groups, using: &random)
            let depthwise = Int.random(in: 0..<5, using: &random) == 0
            let output = depthwise ? input : count(group)
            problem.calls.append(.init(input: input, output: output))
            let positions = Double(Int.random(in: 1...64, using: &random))
            let taps = depthwise ? 9 : [1, 9].randomElement(using: &random) ?? 1
            problem.products.append(
                .init(
                    factors: depthwise ? [output] : [input, output],
                    perElement: WidthTotals(
                        multiplyAdds: positions * Double(taps), parameters: Double(taps),
                        weightBytes: Double(taps * 4), residentBytes: Double(taps * 4),
                        kernelElements: Double(taps), sparseElements: Double(taps),
                        sparseBytes: Double(taps * 4))))
            problem.moments.append(
                (input.adding(output)) * (Int(positions) * 4))
            input = output
            if Int.random(in: 0..<4, using: &random) == 0 {
                input = input.adding(count(Int.random(in: groups, using: &random)))
            }
        }
        let head = ChannelCount(fixed: 10)
        problem.calls.append(.init(input: input, output: head))
        problem.products.append(
            .init(
                factors: [input, head],
                perElement: WidthTotals(
                    multiplyAdds: 1, parameters: 1, weightBytes: 4, residentBytes: 4,
                    kernelElements: 1, sparseElements: 1, sparseBytes: 4)))
    }

    /// Limits that some random choice of widths keeps, on one to all lines.
    private func addLimits(to problem: inout WidthProblem, _ random: inout SeededGenerator) {
        var levels = problem.fullLevels
        for index in levels.indices {
            levels[index] = Int.random(in: 0...levels[index], using: &random)
        }
        let values = Enumeration.reading(of: problem, levels).values
        let lines = WidthLine.allCases.filter { $0 != .zeros || problem.sparsity.levels.count > 1 }
        let wanted = Int.random(in: 1...lines.count, using: &random)
        for line in lines.shuffled(using: &random).prefix(wanted) {
            let room = Double.random(in: 1...1.3, using: &random)
            problem.limits[line] = line == .zeros ? values[line] / room : values[line] * room
        }
    }
}

extension ChannelCount {
    func adding(_ other: ChannelCount) -> ChannelCount {
        var sum = self
        sum += other
        return sum
    }
}

/// The truth for small problems: every choice, each computed from the problem's own words.
enum Enumeration {
    /// Costs and importance of one choice, without any of the solver's machinery.
    static func reading(
        of problem: WidthProblem, _ levels: [Int]
    ) -> (values: WidthLineValues, importance: Double) {
        let widths = problem.groups.indices.map { problem.groups[$0].widths[levels[$0]] }
        let level = problem.sparsity.levels[levels[problem.groups.count]]
        var totals = problem.fixed
        for product in problem.products {
            let count = product.factors.reduce(1) { $0 * $1.value(widths: widths) }
            totals += product.perElement * Double(count)
        }
        var values = WidthLineValues()
        values[.inference] =
            totals.latencyMs
            + problem.calls.indices.reduce(0.0) {
                $0
                    + problem.latencyMs(
                        $1, problem.calls[$1].input.value(widths: widths),
                        problem.calls[$1].output.value(widths: widths))
            }
        values[.multiplyAdds] = totals.multiplyAdds
        values[.parameters] = totals.parameters
        let file =
            problem.fileOverheadBytes
            + (totals.weightBytes - totals.sparseBytes) * problem.denseBytesPerByte
            + totals.sparseBytes * level.bytesPerByte
        values[.file] = file
        values[.load] = problem.loadMs(file, totals.residentBytes)
        values[.memory] =
            totals.residentBytes
            + Double(problem.moments.map { $0.value(widths: widths) }.max() ?? 0)
        values[.zeros] = totals.sparseElements > 0 ? level.share : 0
        let kept = problem.groups.indices.reduce(0.0) { $0 + problem.groups[$1].kept[levels[$1]] }
        return (values, kept - level.lost)
    }

    static func fits(_ problem: WidthProblem, _ values: WidthLineValues) -> Bool {
        problem.limits.allSatisfy { line, limit in
            line == .zeros
                ? values[line] >= limit * (1 - 1e-9) : values[line] <= limit * (1 + 1e-9)
        }
    }

    /// The most importance that any choice within the limits keeps; nil if none is.
    static func best(of problem: WidthProblem) -> Double? {
        let full = problem.fullLevels
        var levels = problem.smallestLevels
        var best: Double?
        while true {
            let (values, importance) = reading(of: problem, levels)
            if importance > best ?? -.infinity, fits(problem, values) { best = importance }
            guard let place = levels.indices.first(where: { levels[$0] < full[$0] }) else {
                return best
            }
            levels[place] += 1
            for index in 0..<place { levels[index] = 0 }
        }
    }

    static func choices(of problem: WidthProblem) -> Int {
        problem.fullLevels.reduce(1) { $0 * ($1 + 1) }
    }
}
