import Contexts
import VariantStore

extension BatchReport {
    /// For people.
    var lines: [String] {
        var lines = [title]
        if !results.isEmpty {
            var table = TextTable([.left, .left, .right, .right, .left, .left])
            table.add("variant", "", "file", "accuracy", "budget used", "against the champion")
            for result in results { table.add(result.cells) }
            lines += [""] + table.lines()
        }
        let warnings = models.flatMap { model in
            model.warnings.map { "warning: \(model.name): \($0)" }
        }
        if !warnings.isEmpty { lines += [""] + warnings }
        let failures = failures
        if !failures.isEmpty { lines += ["", "Fails"] + failures.map { "  \($0)" } }
        return lines + [
            "",
            "\(summary.prefix(1).uppercased())\(summary.dropFirst()); \(Measure.seconds(seconds)).",
        ]
    }
}

extension TaskResult {
    /// The cells of a row: variant, outcome, file, accuracy, budget, champion.
    var cells: [String] {
        [
            published?.reference ?? task.line, word,
            figures.map { Measure.bytes($0.costs.fileBytes) } ?? "–",
            figures?.accuracy.map { BudgetText.accuracy($0.after) } ?? "–",
            figures.map { Self.budget($0.lines) } ?? "–", comparison,
        ]
    }

    /// How much of each limit is used, those that are broken marked.
    private static func budget(_ lines: [BudgetLine]) -> String {
        lines.map { line in
            let use = line.use.map(Measure.percent) ?? "unknown"
            return "\(line.isMet == true ? "✓" : "✗") \(line.key.rawValue) \(use)"
        }
        .joined(separator: ", ")
    }

    /// What changed against the champion.
    private var comparison: String {
        guard let champion else { return "none yet" }
        guard let figures else { return "v\(champion.version)" }
        if published?.version == champion.version { return "v\(champion.version), itself" }
        var changes: [String] = []
        if let own = figures.accuracy, let best = champion.figures.accuracy {
            let points = BudgetText.points(own.after - best.after)
            changes.append("accuracy " + (points.isEmpty ? "±0" : points))
        }
        for (name, own, best) in [
            ("file", Double(figures.costs.fileBytes), Double(champion.figures.costs.fileBytes)),
            ("inference", figures.costs.inferenceMs, champion.figures.costs.inferenceMs),
        ] as [(String, Double?, Double?)] {
            guard let own, let best, best > 0 else { continue }
            changes.append("\(name) \(Self.change(own / best - 1))")
        }
        return "v\(champion.version): " + changes.joined(separator: ", ")
    }

    private static func change(_ share: Double) -> String {
        let percent = Measure.plain((share.magnitude * 1000).rounded() / 10)
        return percent == "0" ? "±0 %" : "\(share < 0 ? "−" : "+")\(percent) %"
    }
}
