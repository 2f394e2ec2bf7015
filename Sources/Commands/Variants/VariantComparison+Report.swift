import Contexts
import OrderedJSON
import VariantStore

// MARK: - For people

extension VariantComparison {
    /// What `prune variants diff` prints.
    var lines: [String] {
        var lines = ["\(before.version.text) → \(after.version.text)"]
        if isSame { return lines + ["The same variant: \(before.version.digest.text)."] }
        let (one, other) = (before.manifest.base.file, after.manifest.base.file)
        if one.sha256 != other.sha256 {
            lines.append("They come from different bases: \(one.name) and \(other.name).")
        }
        lines += [""] + costLines
        let budget = budgetLines
        if !budget.isEmpty { lines += ["", "Budget"] + budget }
        return lines + ["", "Channels"] + widthLines + endLines
    }

    private var costLines: [String] {
        let (one, other) = (before.manifest.costs.after, after.manifest.costs.after)
        var table = TextTable([.left, .right, .right, .right])
        table.add(
            "", Self.column(before, beside: after), Self.column(after, beside: before), "")
        func add(_ name: String, _ one: Double, _ other: Double, _ text: (Double) -> String) {
            table.add(name, text(one), text(other), CostRow.change(one, other))
        }
        let bytes: (Double) -> String = { Measure.bytes(Measure.whole($0)) }
        let count: (Double) -> String = { Measure.count(Measure.whole($0)) }
        add("file", Double(one.fileBytes), Double(other.fileBytes), bytes)
        for prediction in predictions {
            if let load = prediction.load {
                add("load, \(prediction.context)", load.before, load.after, Measure.milliseconds)
            }
            if let inference = prediction.inference {
                add(
                    "inference, \(prediction.context)", inference.before, inference.after,
                    Measure.milliseconds)
            }
        }
        for record in measured {
            add(
                "inference, measured", record.before.medianMs, record.after.medianMs,
                Measure.milliseconds)
        }
        add(
            "memory at run time", Double(one.peakMemoryBytes), Double(other.peakMemoryBytes), bytes)
        add("multiply-adds", Double(one.multiplyAdds), Double(other.multiplyAdds), count)
        add("parameters", Double(one.parameters), Double(other.parameters), count)
        table.add(
            "weights that are zero", Measure.percent(one.weightSparsity),
            Measure.percent(other.weightSparsity), "")
        if before.manifest.accuracy != nil || after.manifest.accuracy != nil {
            table.add(accuracyCells)
        }
        return table.lines()
    }

    /// The name of a column: as short as it can be.
    private static func column(_ variant: StoredVariant, beside other: StoredVariant) -> String {
        variant.version.name == other.version.name
            ? "v\(variant.version.number)" : variant.version.text
    }

    private var accuracyCells: [String] {
        let (one, other) = (before.manifest.accuracy, after.manifest.accuracy)
        var change = ""
        // Shares of different samples are no comparison.
        if let one, let other, one.dataSHA256 == other.dataSHA256 {
            change = BudgetText.points(other.after - one.after)
        } else if one != nil, other != nil {
            change = "other data"
        }
        func text(_ record: AccuracyRecord?) -> String {
            record.map { BudgetText.accuracy($0.after) } ?? "–"
        }
        return ["accuracy", text(one), text(other), change]
    }

    private var budgetLines: [String] {
        func texts(_ variant: StoredVariant) -> [Budget.Key: String] {
            let lines = variant.manifest.profile.budget.map {
                ($0.key, BudgetText.limit($0, base: variant.manifest.costs.before))
            }
            return Dictionary(lines, uniquingKeysWith: { first, _ in first })
        }
        let (one, other) = (texts(before), texts(after))
        var table = TextTable([.left, .right, .right])
        for key in Budget.Key.allCases where one[key] != nil || other[key] != nil {
            table.add(key.rawValue, one[key] ?? "–", other[key] ?? "–")
        }
        return table.lines()
    }

    private var widthLines: [String] {
        let changed = widths.filter { $0.before != $0.after }
        guard !changed.isEmpty else {
            return [
                widths.allSatisfy(\.isSame)
                    ? "  the same ones stay" : "  as many stay, though not the same ones"
            ]
        }
        var table = TextTable([.left, .right, .right, .right, .right])
        table.add(
            "", "base", Self.column(before, beside: after), Self.column(after, beside: before), "")
        for group in changed {
            let change =
                group.before.flatMap { one in
                    group.after.map { CostRow.change(Double(one), Double($0)) }
                } ?? ""
            table.add(
                group.group, "\(group.base)", group.before.map(String.init) ?? "–",
                group.after.map { "→ \($0)" } ?? "→ –", change)
        }
        return table.lines()
    }

    private var endLines: [String] {
        var lines: [String] = []
        let hasTable = [before, after].contains { $0.manifest.profile.latencyTableSHA256 != nil }
        if predictions.count > 1, hasTable {
            lines.append(
                "Predicted by formula alone, as the profiles' latency tables are not in the store.")
        }
        for record in measured { lines.append("Measured on \(record.machine.title).") }
        return lines.isEmpty ? [] : [""] + lines
    }
}

// MARK: - For programs

extension VariantComparison {
    /// All of the comparison; keys as in `docs/schemas/variants-diff.schema.json`.
    ///
    /// - Throws: `EncodingError` for numbers that JSON cannot hold.
    func json() throws -> JSON {
        [
            "same": .bool(isSame),
            "same-base": .bool(
                before.manifest.base.file.sha256 == after.manifest.base.file.sha256),
            "before": try Self.json(before), "after": try Self.json(after),
            "predictions": .array(
                predictions.map {
                    [
                        "profile": .string($0.context),
                        "inference-ms": Self.json($0.inference), "load-ms": Self.json($0.load),
                    ]
                }),
            "measurements": .array(
                try measured.map {
                    [
                        "machine": try JSON(encoding: $0.machine),
                        "before": try JSON(encoding: $0.before),
                        "after": try JSON(encoding: $0.after),
                    ]
                }),
            "channel-groups": .array(
                widths.map {
                    [
                        "name": .string($0.group), "base": .integer($0.base),
                        "before": .optional($0.before), "after": .optional($0.after),
                        "same-units": .bool($0.isSame),
                    ]
                }),
        ]
    }

    private static func json(_ variant: StoredVariant) throws -> JSON {
        [
            "reference": .string(variant.version.text),
            "digest": .string(variant.version.digest.text),
            "profile": .string(variant.manifest.profile.name),
            "costs": try JSON(encoding: variant.manifest.costs.after),
            "budget": try JSON(encoding: variant.manifest.profile.budget),
            "accuracy": try variant.manifest.accuracy.map { try JSON(encoding: $0) } ?? .null,
        ]
    }

    private static func json(_ pair: (before: Double, after: Double)?) -> JSON {
        guard let pair else { return .null }
        return ["before": .optional(pair.before), "after": .optional(pair.after)]
    }
}
