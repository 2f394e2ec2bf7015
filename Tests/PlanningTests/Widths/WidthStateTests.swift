import Testing

@testable import Planning

@Suite struct WidthStateTests {
    @Test func costsKeptUpToDateEqualThoseFromScratch() {
        for round in 0..<40 {
            let seed = RandomSeed.value &+ UInt64(round)
            var random = SeededGenerator(seed: seed)
            var maker = RandomProblem()
            maker.groupCount = 3...8
            let problem = maker.make(&random)
            let layout = WidthLayout(problem)
            var state = WidthState(layout, levels: problem.fullLevels)
            for _ in 0..<60 {
                let group = Int.random(in: 0...problem.groups.count, using: &random)
                let level = Int.random(in: 0..<state.levelCount(group), using: &random)
                let trial = state.trial(group, level)
                var levels = state.levels
                levels[group] = level
                expect(trial.values(layout, all: true), of: problem, at: levels, seed)
                if Bool.random(using: &random) {
                    state.apply(group, level)
                    #expect(state.levels == levels, "seed \(seed)")
                }
                expect(
                    state.reading.values(state.layout, all: true), of: problem, at: state.levels,
                    seed)
            }
        }
    }

    private func expect(
        _ values: WidthLineValues, of problem: WidthProblem, at levels: [Int], _ seed: UInt64
    ) {
        let truth = Enumeration.reading(of: problem, levels).values
        for line in WidthLine.allCases {
            let difference = abs(values[line] - truth[line])
            #expect(difference <= 1e-9 * max(1, abs(truth[line])), "seed \(seed), \(line)")
        }
    }

    @Test func widthsComeInSteps() {
        #expect(WidthProblem.widths(full: 20, minimum: 1, step: 8) == [1, 2, 4, 8, 16, 20])
        #expect(WidthProblem.widths(full: 16, minimum: 3, step: 4) == [3, 4, 8, 12, 16])
        #expect(WidthProblem.widths(full: 6, minimum: 1, step: 16) == [1, 2, 4, 6])
        #expect(WidthProblem.widths(full: 4, minimum: 4, step: 1) == [4])
        #expect(WidthProblem.widths(full: 3, minimum: 1, step: 1) == [1, 2, 3])
    }

    @Test func countsAddUp() {
        var count = ChannelCount(
            fixed: 2, terms: [.init(group: 1, perUnit: 3), .init(group: 0, perUnit: 1)])
        count += ChannelCount(fixed: 1, terms: [.init(group: 1, perUnit: 1)])
        #expect(
            count
                == ChannelCount(
                    fixed: 3, terms: [.init(group: 0, perUnit: 1), .init(group: 1, perUnit: 4)]))
        #expect(count.value(widths: [5, 2]) == 16)
        #expect((count * 2).value(widths: [5, 2]) == 32)
    }
}
