import Contexts
import Foundation
import Planning

/// One line of the table of costs.
struct CostRow {
    var name: String
    var before: String
    var after: String
    var change: String
    var budget: String

    /// All costs that are known, each with its limits.
    ///
    /// - Parameter latency: as measured on this machine.
    static func rows(
        _ plan: Plan, latency: (before: MeasuredLatency, after: MeasuredLatency)?
    ) -> [CostRow] {
        rows(base: plan.base, costs: plan.costs, budget: plan.lines, latency: latency)
    }

    /// All costs that are known, each with its limits.
    ///
    /// - Parameter latency: as measured on this machine.
    static func rows(
        base: Costs, costs: Costs, budget: [BudgetLine],
        latency: (before: MeasuredLatency, after: MeasuredLatency)? = nil
    ) -> [CostRow] {
        var rows: [CostRow] = []
        func add(
            _ name: String, _ before: Double, _ after: Double, _ keys: [Budget.Key],
            _ text: (Double) -> String
        ) {
            let lines = budget.filter { keys.contains($0.key) }
            rows.append(
                CostRow(
                    name: name, before: text(before), after: text(after),
                    change: Self.change(before, after),
                    budget: lines.map { BudgetText.limit($0, base: base) }.joined(separator: ", ")))
        }
        add("file", Double(base.fileBytes), Double(costs.fileBytes), [.fileKiB]) {
            Measure.bytes(Measure.whole($0))
        }
        if let before = base.loadMs, let after = costs.loadMs {
            add("load", before, after, [.loadMs], Measure.milliseconds)
        }
        if let before = base.inferenceMs, let after = costs.inferenceMs {
            add("inference", before, after, [.inferenceMs], Measure.milliseconds)
        }
        if let latency {
            add(
                "inference, measured here", latency.before.median, latency.after.median, [],
                Measure.milliseconds)
        }
        add(
            "memory at run time", Double(base.peakMemoryBytes), Double(costs.peakMemoryBytes),
            [.peakMemoryMiB]
        ) {
            Measure.bytes(Measure.whole($0))
        }
        add("multiply-adds", Double(base.multiplyAdds), Double(costs.multiplyAdds), [.macFraction])
        {
            Measure.count(Measure.whole($0))
        }
        add("parameters", Double(base.parameters), Double(costs.parameters), [.parameterFraction]) {
            Measure.count(Measure.whole($0))
        }
        if let before = base.accuracy, let after = costs.accuracy {
            add("accuracy", before, after, [.maxAccuracyDrop], BudgetText.accuracy)
            rows[rows.count - 1].change = BudgetText.points(after - before)
        }
        if costs.weightSparsity > 0 || budget.contains(where: { $0.key == .weightSparsity }) {
            add(
                "weights that are zero", base.weightSparsity, costs.weightSparsity,
                [.weightSparsity], Measure.percent)
            rows[rows.count - 1].change = ""
        }
        return rows
    }

    /// By how many percent a number changes; empty for less than half a percent.
    static func change(_ before: Double, _ after: Double) -> String {
        guard before > 0 else { return "" }
        let percent = Measure.whole((100 * (after / before - 1)).rounded())
        return percent == 0 ? "" : percent < 0 ? "−\(-percent) %" : "+\(percent) %"
    }
}

/// Budget lines in words.
enum BudgetText {
    /// A value of a line with its unit.
    static func value(_ value: Double, _ key: Budget.Key) -> String {
        switch key {
        case .inferenceMs, .loadMs: Measure.milliseconds(value)
        case .fileKiB: Measure.bytes(Measure.whole(value * 1024))
        case .peakMemoryMiB: Measure.bytes(Measure.whole(value * 1_048_576))
        case .macFraction, .parameterFraction, .weightSparsity, .maxAccuracyDrop:
            Measure.percent(value)
        }
    }

    /// A share of right answers, to one in ten thousand.
    static func accuracy(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }

    /// By how many percentage points a share changes.
    static func points(_ change: Double) -> String {
        let points = String(format: "%.2f", change.magnitude * 100)
        return points == "0.00" ? "" : "\(change < 0 ? "−" : "+")\(points)"
    }

    /// The limit, and whether it is kept.
    static func limit(_ line: BudgetLine, base: Costs) -> String {
        let mark = line.isMet.map { $0 ? "✓" : "✗" } ?? "?"
        if line.key == .maxAccuracyDrop, let accuracy = base.accuracy {
            return "\(mark) ≥ \(self.accuracy(accuracy - line.limit))"
        }
        let relation = line.key.isFloor ? "≥" : "≤"
        let limit: String
        switch line.key {
        case .macFraction:
            limit = Measure.count(
                Measure.whole(line.limit * Double(base.multiplyAdds)))
        case .parameterFraction:
            limit = Measure.count(
                Measure.whole(line.limit * Double(base.parameters)))
        default: limit = value(line.limit, line.key)
        }
        return "\(mark) \(relation) \(limit)"
    }
}
