package import Contexts

/// Makes the variant of a plan and weighs it.
package protocol VariantRealizer {
    /// What the plan's variant makes a device do, and the bytes of its file as written.
    ///
    /// The last plan that was realised is the one that is wanted, unless an earlier one is asked for
    /// again.
    mutating func realize(_ plan: Plan) throws -> WorkloadSummary

    /// Accuracy of the base and of the variant that was realised last, on the same data; nil without data.
    mutating func accuracy() throws -> (before: Double, after: Double)?
}

extension VariantRealizer {
    package mutating func accuracy() -> (before: Double, after: Double)? { nil }
}

/// Plans, weighs the real variant, and plans again until the real numbers keep the budget.
///
/// How well weights compress is only known once they are compressed; the file's real size decides.
package struct PlanRefiner {
    package let planner: Planner
    /// Variants that are made at most.
    package var rounds = 5
    /// A file or load line that is used up to this share is not worth another round.
    package var enough = 0.985

    package init(_ planner: Planner) { self.planner = planner }

    /// Finds the plan whose variant keeps the most importance and really fits.
    ///
    /// - Throws: ``PlanningError``, and what the realizer throws.
    package func plan(
        _ profile: Profile, costModel: CostModel, file: FileSizeModel,
        realizer: inout some VariantRealizer, checksAccuracy: Bool = false
    ) throws -> PlanningResult {
        func expectation(_ corrections: PlanCorrections) throws(PlanningError) -> PlanningResult {
            try planner.plan(
                profile, costModel: costModel, file: file, corrections: corrections,
                checksAccuracy: checksAccuracy)
        }
        var corrections = PlanCorrections()
        var result = try expectation(corrections)
        var (best, last): (Plan?, Plan) = (nil, result.plan)
        for round in 1...max(rounds, 1) {
            if round > 1 { result = try expectation(corrections) }
            let expected = result.plan
            if round > 1, last.pruning == expected.pruning { break }
            var plan = expected
            let summary = try realizer.realize(plan)
            plan.costs = costModel.costs(of: summary)
            plan.lines = profile.limits.check(plan.costs, base: plan.base)
            plan.isRealized = true
            plan.rounds = round
            last = plan
            if plan.fits, plan.importanceKept > best?.importanceKept ?? -1 { best = plan }
            if plan.fits, isTight(plan) { break }
            if case .infeasible = result, best != nil || !isAboutSize(plan) { break }
            learn(from: plan, expected: expected, file: file, &corrections)
        }
        guard var best else { return infeasible(last) }
        best.rounds = last.rounds
        if best.pruning != last.pruning { _ = try realizer.realize(best) }
        return .plan(best)
    }

    /// Whether a broken line hangs on the file's size, which the next round will know better.
    private func isAboutSize(_ plan: Plan) -> Bool {
        let broken = plan.lines.filter { $0.isMet == false }.map(\.key)
        return broken.allSatisfy { $0 == .fileKiB || $0 == .loadMs }
    }

    /// Whether nothing can be won by knowing the file's size better.
    private func isTight(_ plan: Plan) -> Bool {
        if plan.importanceKept >= 1 { return true }
        let sizes = plan.lines.filter { $0.key == .fileKiB || $0.key == .loadMs }
        let others = plan.lines.filter { $0.key != .fileKiB && $0.key != .loadMs }
        return sizes.isEmpty || sizes.contains { $0.use ?? 0 >= enough }
            || others.contains { !$0.key.isFloor && $0.use ?? 0 >= enough }
    }

    private func learn(
        from plan: Plan, expected: Plan, file: FileSizeModel, _ corrections: inout PlanCorrections
    ) {
        let overhead = Double(file.overheadBytes)
        let (real, guess) = (
            Double(plan.costs.fileBytes) - overhead, Double(expected.costs.fileBytes) - overhead
        )
        if guess > 0, real > 0 {
            // A little on the safe side where the file was too large, so that the rounds end.
            corrections.fileScale *=
                real / guess * (plan.costs.fileBytes > expected.costs.fileBytes ? 1.002 : 1)
        }
        for line in WidthLine.allCases where line != .file && line != .load && line != .zeros {
            guard let value = plan.costs.value(for: line.key, base: plan.base),
                let before = expected.costs.value(for: line.key, base: plan.base),
                value > before * 1.0001, before > 0
            else { continue }
            corrections.lines[line, default: 1] *= value / before * 1.0005
        }
    }

    func infeasible(_ plan: Plan) -> PlanningResult {
        let broken = plan.lines.filter { $0.isMet == false }
        let worst = broken.max { Self.excess($0) < Self.excess($1) }
        guard let worst else { return .plan(plan) }
        return .infeasible(
            Infeasibility(
                binding: worst.key, excess: Self.excess(worst), nearest: plan))
    }

    /// How far a line is beyond its limit, as a share of the limit; 0 within.
    static func excess(_ line: BudgetLine) -> Double {
        guard let after = line.after, line.isMet == false else { return 0 }
        let excess = line.key.isFloor ? line.limit - after : after - line.limit
        return line.limit > 0 ? excess / line.limit : .infinity
    }
}
