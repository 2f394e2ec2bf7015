import Contexts
import VariantStore

extension BatchReport {
    /// For people.
    var lines: [String] {
        var lines = [title]
        if !results.isEmpty {
            var table = TextTable([.left, .left, .right, .right, .right, .left, .left])
            table.add(heading)
            for result in results { table.add(result.cells(comparing: hasChampions)) }
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

    /// The cells above those of ``TaskResult/cells(comparing:)``.
    var heading: [String] {
        ["variant", "", "file", "multiply-adds", "accuracy", "tightest limit"]
            + (hasChampions ? ["against the champion"] : [])
    }

    /// Whether some variant has a champion to be held against.
    var hasChampions: Bool { results.contains { $0.champion != nil } }
}

extension TaskResult {
    /// The cells of a row: variant, outcome, file, multiply-adds, accuracy, budget, and champion if they are compared.
    func cells(comparing: Bool) -> [String] {
        [
            published?.reference ?? task.line, word,
            figures.map { Measure.bytes($0.costs.fileBytes) } ?? "–",
            figures.map { Measure.count($0.costs.multiplyAdds) } ?? "–",
            figures?.accuracy.map { BudgetText.accuracy($0.after) } ?? "–",
            figures.map { Self.budget($0.lines) } ?? "–",
        ] + (comparing ? [comparison] : [])
    }

    /// How much is used of the limits that are broken, or of the tightest one.
    private static func budget(_ lines: [BudgetLine]) -> String {
        let broken = lines.filter { $0.isMet != true }
        let tightest = lines.max { ($0.use ?? 0) < ($1.use ?? 0) }
        let shown = broken.isEmpty ? [tightest].compactMap(\.self) : broken
        return shown.map { line in
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
