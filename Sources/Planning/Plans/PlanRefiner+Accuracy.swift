package import Contexts

extension PlanRefiner {
    /// Variants that are made to find how far pruning may go.
    static let accuracyRounds = 6

    /// As ``plan(_:costModel:file:realizer:checksAccuracy:)``, with `max-accuracy-drop` checked on data.
    ///
    /// Where that is the budget's only line, the strongest pruning that keeps it is looked for, by halving the share of
    /// the multiply-adds that is still in question (or of the weights, where no channel may go). Otherwise the plan that
    /// the other lines allow is the one that keeps most, and it is the answer or there is none.
    /// - Throws: ``PlanningError``, and what the realizer throws.
    package func planKeepingAccuracy(
        _ profile: Profile, costModel: CostModel, file: FileSizeModel,
        realizer: inout some VariantRealizer
    ) throws -> PlanningResult {
        func attempt(_ profile: Profile, _ realizer: inout some VariantRealizer) throws -> Plan? {
            let result = try plan(
                profile, costModel: costModel, file: file, realizer: &realizer,
                checksAccuracy: true)
            guard case .plan(let plan) = result else { return nil }
            return plan
        }
        guard profile.budget.keys == [.maxAccuracyDrop] else {
            let result = try plan(
                profile, costModel: costModel, file: file, realizer: &realizer,
                checksAccuracy: true)
            guard case .plan(let plan) = result else { return result }
            return judged(try scored(plan, profile, &realizer))
        }
        let line: Budget.Key =
            profile.pruning.granularity.contains(.channel) ? .macFraction : .weightSparsity
        var (kept, lost) = line.isFloor ? (0.0, 1.0) : (1.0, 0.0)
        var (best, last): (Plan?, Plan?) = (nil, nil)
        for round in 1...Self.accuracyRounds {
            let middle = (kept + lost) / 2
            var trial = profile
            trial.budget[line] = middle
            guard var plan = try attempt(trial, &realizer) else {
                (lost, last) = (middle, nil)
                continue
            }
            plan = try scored(plan, profile, &realizer)
            plan.rounds = round
            last = plan
            if plan.fits {
                (kept, best) = (middle, plan)
            } else {
                lost = middle
            }
        }
        guard let best else {
            // Nothing can go; what stays whole loses nothing.
            let result = try plan(
                profile, costModel: costModel, file: file, realizer: &realizer,
                checksAccuracy: true)
            guard case .plan(let whole) = result else { return result }
            return judged(try scored(whole, profile, &realizer))
        }
        if best.pruning != last?.pruning { _ = try realizer.realize(best) }
        return .plan(best)
    }

    /// The plan with its variant's accuracy, and the lines of that profile.
    private func scored(
        _ plan: Plan, _ profile: Profile, _ realizer: inout some VariantRealizer
    ) throws -> Plan {
        var plan = plan
        if let accuracy = try realizer.accuracy() {
            (plan.base.accuracy, plan.costs.accuracy) = (accuracy.before, accuracy.after)
        }
        plan.lines = profile.limits.check(plan.costs, base: plan.base)
        return plan
    }

    private func judged(_ plan: Plan) -> PlanningResult {
        plan.fits ? .plan(plan) : infeasible(plan)
    }
}
