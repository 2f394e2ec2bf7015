import Contexts
import Foundation
import KerasFormat
import ModelGraph
import Planning
import Pruning
import VariantStore

/// What became of one profile.
struct VariantReport {
    let context: PruningContext
    let result: PlanningResult
    let workshop: Workshop
    let destination: String
    var folds: [FoldReport] = []
    /// What fitting did to each layer; empty without.
    var fits: [LayerFit] = []
    /// What merging did to each layer; empty without.
    var merges: [DataFreeReport] = []
    /// What plain magnitude pruning to the same budget keeps; nil where it was not tried.
    var plain: Scoring.Scores?
    var proof: Proof?
    /// On this machine; nil if not measured.
    var latency: (before: MeasuredLatency, after: MeasuredLatency)?
    /// nil without data.
    var scores: Scoring.Scores?
    /// What became of the variant; nil if none was handed over.
    var delivery: Delivery?
    /// From where the variant's predicted latency comes; nil without a latency table.
    var latencySources: CostModel.SourceShares?
    var timings = Timings()
    var seconds = 0.0

    var plan: Plan { result.plan }

    /// Whether the variant stands at its destination.
    var isWritten: Bool {
        switch delivery {
        case .file, .version: true
        case .withheld, nil: false
        }
    }

    /// Why the answer is no, with the profile's name; nil if it is yes.
    var failure: String? {
        reason.map { "\(context.profile.name): \($0); nothing was written" }
    }

    /// Why the answer is no; nil if it is yes.
    var reason: String? {
        if case .infeasible(let infeasibility) = result {
            let key = infeasibility.binding
            if let accuracy = scores?.accuracy, key == .maxAccuracyDrop {
                return accuracyFailure(accuracy)
            }
            let line = plan.lines.first { $0.key == key }
            let nearest = line?.after.map { BudgetText.value($0, key) } ?? "nothing near"
            let limit = line.map { BudgetText.value($0.limit, key) } ?? "its limit"
            return
                "budget.\(key.rawValue) cannot be met: the nearest plan has \(nearest), the limit is \(limit)"
        }
        if let proof, !proof.holds {
            return proof.record.failure
        }
        return nil
    }
}

extension VariantReport {
    private func accuracyFailure(_ accuracy: AccuracyRecord) -> String {
        let limit = plan.lines.first { $0.key == .maxAccuracyDrop }?.limit ?? 0
        let lost = String(format: "%.2f", (accuracy.before - accuracy.after) * 100)
        return
            "budget.max-accuracy-drop cannot be met: accuracy falls by \(lost) points, from "
            + "\(BudgetText.accuracy(accuracy.before)) to \(BudgetText.accuracy(accuracy.after)), where "
            + String(format: "%.2f", limit * 100) + " are allowed"
    }
}

// MARK: - For people

extension VariantReport {
    var lines: [String] {
        var lines = [title]
        lines += [""] + costLines
        let widths = widthLines
        if !widths.isEmpty { lines += ["", "Channels"] + widths }
        let alone = aloneLines
        if !alone.isEmpty { lines += ["", "Left alone"] + alone }
        lines += [""] + endLines
        return lines
    }

    private var title: String {
        let about = context.profile.description.isEmpty ? "" : " (\(context.profile.description))"
        let model = workshop.base.graph.name
        switch result {
        case .plan: return "\(model) for \(context.profile.name)\(about)"
        case .infeasible:
            return "\(model) does not fit \(context.profile.name)\(about); the nearest plan:"
        }
    }

    private var costLines: [String] {
        var table = TextTable([.left, .right, .right, .right, .left])
        table.add("", "before", "after", "", "budget")
        for row in CostRow.rows(plan, latency: latency) {
            table.add(row.name, row.before, row.after, row.change, row.budget)
        }
        return table.lines()
    }

    /// The groups that changed, the widest changes first.
    private var widthLines: [String] {
        let changed = plan.groups.filter { $0.after < $0.before }
            .sorted { Double($0.after) / Double($0.before) < Double($1.after) / Double($1.before) }
        guard !changed.isEmpty else { return [] }
        let shown = 10
        var table = TextTable([.left, .right, .left, .right])
        for group in changed.prefix(shown) {
            let before = group.before * group.channelsPerUnit
            let after = group.after * group.channelsPerUnit
            table.add(group.name, "\(before)", "→ \(after)", Self.change(before, after))
        }
        let rest = changed.count - shown
        return table.lines() + (rest > 0 ? ["  and \(rest) more groups, each less"] : [])
    }

    private var aloneLines: [String] {
        var table = TextTable([.left, .right, .left])
        for group in plan.groups {
            for reason in group.reasons {
                table.add(group.name, "\(reason.units) of \(group.before)", reason.description)
            }
        }
        return table.lines()
    }

    private var endLines: [String] {
        var lines: [String] = []
        lines += recoveryLines
        // Where kernels are fitted or merged, constants are no longer all that stands for a channel.
        if fits.isEmpty, merges.isEmpty, let edge = folds.map(\.largestEdge).max(), edge > 0 {
            let count = folds.filter { $0.largestEdge > 0 }.count
            let layers = count == 1 ? "1 layer" : "\(count) layers"
            lines.append(
                "Constants of removed channels were folded into biases; near padded borders of "
                    + "\(layers) that is inexact by up to \(Measure.scientific(Double(edge))).")
        }
        let unfolded = folds.filter {
            !$0.problems.isEmpty || ($0.target == .nowhere && $0.largestShift > 0)
        }
        if !unfolded.isEmpty {
            let names = InspectReport.abridged(unfolded.map(\.layer))
            lines.append("What removed channels still carried could not be folded at \(names).")
        }
        if let proof { lines.append(proof.record.sentence) }
        if let agreement = scores?.agreement {
            lines.append(
                "Of \(agreement.samples) samples, \(BudgetText.accuracy(agreement.share)) get the answer that the original gives."
            )
        }
        if let latencySources { lines.append(latencySources.sentence) }
        let time = Measure.seconds(seconds)
        let size = Measure.bytes(plan.costs.fileBytes)
        switch delivery {
        case .file: lines.append("Wrote \(destination), \(size), in \(time).")
        case .version(let version, isNew: true):
            lines.append("Published \(version.text), \(size), \(version.digest.text), in \(time).")
        case .version(let version, isNew: false):
            lines.append("The store has the same variant as \(version.text) already; \(time).")
        case .withheld, nil: lines.append("Nothing written; \(time).")
        }
        return lines
    }

    private var recoveryLines: [String] {
        var lines: [String] = []
        func mean(_ values: [Double]) -> String {
            Measure.percent(values.reduce(0, +) / Double(max(values.count, 1)))
        }
        if !fits.isEmpty {
            lines.append(
                "Kernels of \(fits.count) layers were fitted to the original's outputs: their error fell from "
                    + "\(mean(fits.map(\.errorBefore))) to \(mean(fits.map(\.errorAfter))) of the outputs' variance, on average."
            )
        } else if !merges.isEmpty {
            lines.append(
                "Removed channels were merged into others at \(merges.count) layers, without data: the error to be expected fell from "
                    + "\(mean(merges.map { Double($0.errorOfMeans) })) to \(mean(merges.map { Double($0.error) })) of the outputs' variance, on average."
            )
        }
        if let accuracy = plain?.accuracy {
            lines.append(
                "Plain magnitude pruning to the same budget would have \(BudgetText.accuracy(accuracy.after)) (\(BudgetText.points(accuracy.after - accuracy.before)))."
            )
        } else if let agreement = plain?.agreement {
            lines.append(
                "Plain magnitude pruning to the same budget would give the original's answer for \(BudgetText.accuracy(agreement.share)) of the samples."
            )
        }
        return lines
    }

    static func change(_ before: Int, _ after: Int) -> String {
        before == 0 ? "" : "−\(Int((100 * (1 - Double(after) / Double(before))).rounded())) %"
    }
}
