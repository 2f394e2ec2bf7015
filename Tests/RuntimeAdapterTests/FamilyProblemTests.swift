import Foundation
import RuntimeAdapter
import Testing

/// Choices against every choice there is, on small instances at random.
@Suite struct FamilyProblemTests {
    /// Options with values in steps, so that many are equal, of which a few stay in any case.
    private func problem(_ random: inout SeededGenerator) -> FamilyProblem {
        let rows = Int.random(in: 1...8, using: &random)
        let split = Int.random(in: 0...rows, using: &random)
        return FamilyProblem(
            weights: (0..<rows).map { _ in Double(Int.random(in: 1...5, using: &random)) },
            options: (0..<Int.random(in: 1...9, using: &random)).map { number in
                // Two families, now and then.
                let range = Int.random(in: 0..<3, using: &random) == 0 ? 0..<split : split..<rows
                return FamilyProblem.Option(
                    values: range.map { _ in Double(Int.random(in: 0...6, using: &random)) / 6 },
                    rows: range, bytes: Int.random(in: 0...9, using: &random),
                    isFixed: Int.random(in: 0..<8, using: &random) == 0,
                    isFree: Int.random(in: 0..<8, using: &random) == 0)
            })
    }

    /// Every set with the fixed options in it.
    private func sets(of problem: FamilyProblem) -> [[Int]] {
        (0..<1 << problem.options.count).map { bits in
            problem.options.indices.filter { bits >> $0 & 1 == 1 || problem.options[$0].isFixed }
        }
    }

    private func fits(_ set: [Int], _ problem: FamilyProblem, _ budget: FamilyBudget) -> Bool {
        let counted = set.filter { !problem.options[$0].isFree }
        return counted.count <= budget.count ?? .max
            && counted.reduce(0) { $0 + problem.options[$1].bytes } <= budget.bytes ?? .max
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func theGuaranteeAndTheBoundHold(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var guarantees: [FamilySolution.Guarantee: Int] = [:]
        for round in 0..<400 {
            let problem = problem(&random)
            let budget = FamilyBudget(
                count: round % 3 == 1 ? nil : Int.random(in: 0...5, using: &random),
                bytes: round % 3 == 0 ? nil : Int.random(in: 0...25, using: &random))
            let solution = problem.solve(within: budget)
            let place = Comment(rawValue: "seed \(seed), round \(round)")
            let set = problem.fixed + solution.taken
            #expect(Set(set).count == set.count, place)
            #expect(abs(problem.worth(of: set) - solution.worth) < 1e-9, place)
            guard solution.isWithinBudget else {
                #expect(!fits(problem.fixed, problem, budget), place)
                #expect(solution.taken.isEmpty, place)
                continue
            }
            #expect(fits(set, problem, budget), place)
            let best =
                sets(of: problem).filter { fits($0, problem, budget) }
                .map { problem.worth(of: $0) }.max() ?? 0
            #expect(solution.bound >= best - 1e-9, place)
            let reached = solution.worth - solution.fixedWorth
            let reachable = best - solution.fixedWorth
            #expect(reached >= solution.guarantee.share * reachable - 1e-9, place)
            guarantees[solution.guarantee, default: 0] += 1
        }
        #expect(guarantees[.exact] ?? 0 > 100)
        #expect(guarantees[.greedy] ?? 0 > 5)
    }

    @Test(arguments: [4, 5] as [UInt64])
    func worthIsMonotoneAndSubmodular(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<60 {
            let problem = problem(&random)
            let place = Comment(rawValue: "seed \(seed), round \(round)")
            for _ in 0..<40 {
                let large = problem.options.indices.filter { _ in Bool.random(using: &random) }
                let small = large.filter { _ in Bool.random(using: &random) }
                guard let more = problem.options.indices.randomElement(using: &random) else {
                    continue
                }
                let gains = [small, large].map {
                    problem.worth(of: $0 + [more]) - problem.worth(of: $0)
                }
                #expect(gains[1] >= -1e-12, place)
                #expect(gains[0] >= gains[1] - 1e-12, place)
            }
        }
    }

    @Test func withoutALimitEverythingUsefulIsTaken() {
        var random = SeededGenerator(seed: 6)
        for _ in 0..<100 {
            let problem = problem(&random)
            let solution = problem.solve(within: FamilyBudget())
            let all = problem.worth(of: problem.options.indices)
            #expect(abs(solution.worth - all) < 1e-9)
            #expect((solution.guarantee, solution.gap) == (.exact, 0))
            let full = problem.solve(
                within: FamilyBudget(
                    count: problem.options.count,
                    bytes: problem.options.reduce(0) { $0 + $1.bytes }))
            #expect(abs(full.worth - all) < 1e-9)
            #expect(full.guarantee == .exact)
        }
    }

    /// Greedy by gain alone takes the large one, greedy for each byte the small one; both are needed.
    @Test func bytesNeedBothWays() {
        func option(_ values: [Double], _ bytes: Int) -> FamilyProblem.Option {
            FamilyProblem.Option(values: values, rows: 0..<values.count, bytes: bytes)
        }
        let large = FamilyProblem(
            weights: [1, 1], options: [option([0.2, 0], 1), option([0, 1], 100)])
        #expect(large.solve(within: FamilyBudget(bytes: 100)).taken == [1])
        let small = FamilyProblem(
            weights: [1, 1, 1],
            options: [
                option([0.7, 0, 0], 1), option([0, 0.7, 0], 1), option([0, 0, 0.8], 100),
            ])
        #expect(Set(small.solve(within: FamilyBudget(bytes: 100)).taken) == [0, 1])
    }

    /// Many options: no enumeration, and the bound is still a bound.
    @Test func manyOptionsAreChosenFromQuickly() {
        var random = SeededGenerator(seed: 7)
        let rows = 200
        let problem = FamilyProblem(
            weights: (0..<rows).map { _ in Double.random(in: 0...1, using: &random) },
            options: (0..<120).map { _ in
                FamilyProblem.Option(
                    values: (0..<rows).map { _ in
                        Int.random(in: 0..<4, using: &random) == 0
                            ? Double.random(in: 0...1, using: &random) : 0
                    }, rows: 0..<rows, bytes: Int(random.logarithmic(1e3...1e6)))
            })
        let solution = problem.solve(within: FamilyBudget(bytes: 1_000_000))
        #expect(solution.guarantee == .halfGreedy)
        #expect(solution.gap < 0.2)
        #expect(solution.bound >= solution.worth)
        let again = problem.solve(within: FamilyBudget(bytes: 1_000_000))
        #expect(again.taken == solution.taken)
    }
}
