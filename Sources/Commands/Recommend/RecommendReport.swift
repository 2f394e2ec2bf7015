import Contexts
import OrderedJSON
import RuntimeAdapter

/// What `prune variants recommend` prints.
struct RecommendReport {
    let choice: FamilyChoice
    let proposed: PruningProposals
    /// By digest, what keeps a version.
    let holds: [String: [String]]
    let store: String
    let count: Int?
    let bytes: Int?
    /// Where the profiles were written; nil if they were not.
    let files: [String]?

    init(
        _ choice: FamilyChoice, _ proposed: PruningProposals, holds: [String: [String]],
        store: String, count: Int?, bytes: Int?, files: [String]?
    ) {
        self.choice = choice
        self.proposed = proposed
        self.holds = holds
        self.store = store
        self.count = count
        self.bytes = bytes
        self.files = files
    }

    // MARK: For people

    /// What to keep and to drop, how good that is, and what to prune next.
    var lines: [String] {
        var lines = [
            "Keep \(choice.keptCount) \(choice.keptCount == 1 ? "variant" : "variants"), \(Measure.bytes(choice.keptBytes)), "
                + "for \(Measure.plain(choice.requests.rounded())) requests."
        ]
        lines += ["", "Keep"] + table(choice.kept).lines()
        let dropped = choice.dropped.filter { $0.candidate.kind == .variant }
        if !dropped.isEmpty { lines += ["", "Drop"] + table(dropped).lines() }
        lines += [""] + quality + served
        if !proposed.proposals.isEmpty { lines += [""] + next }
        return lines + (unserved.isEmpty ? [] : [""] + unserved)
    }

    private func table(_ members: [FamilyChoice.Member]) -> TextTable {
        var table = TextTable([.left, .right, .right, .right, .right, .right, .left])
        table.add("variant", "accuracy", "file", "serves", "stands in", "loss", "")
        for member in members {
            let candidate = member.candidate
            let names = holds[candidate.digest] ?? []
            let words =
                candidate.kind == .base
                ? "base" : names.isEmpty ? "" : "stays: \(names.joined(separator: ", "))"
            table.add(
                candidate.reference, candidate.accuracy.map(BudgetText.accuracy) ?? "–",
                Measure.bytes(candidate.fileBytes), Measure.percent(member.share),
                member.fallbackShare > 0 ? Measure.percent(member.fallbackShare) : "–",
                member.loss > 0 ? Measure.significant(member.loss) : "–", words)
        }
        return table
    }

    private var quality: [String] {
        let bound =
            choice.gap < 1e-9
            ? "No choice within the budget is worth more."
            : "No choice within the budget is worth more than \(Self.worth(choice.bestPossible)): "
                + "this one is within \(Measure.percent(choice.gap)) of the best possible."
        return [
            "Worth \(Self.worth(choice.worth)) for each request; all there are, \(Self.worth(choice.worthOfAll)). \(bound)"
        ]
    }

    private static func worth(_ value: Double) -> String { Measure.significant(value) }

    private var served: [String] {
        let parts = Selection.Step.allCases.compactMap { step -> String? in
            guard let share = choice.steps[step], share > 0 else { return nil }
            return "\(step.rawValue) \(Measure.percent(share))"
        }
        return parts.isEmpty ? [] : ["Served: \(parts.joined(separator: ", "))."]
    }

    private var next: [String] {
        var table = TextTable([.left, .left, .right, .right, .right, .right])
        table.add("profile", "model", "serves", "work", "file", "accuracy")
        for proposal in proposed.proposals {
            table.add(
                proposal.profile.name, proposal.model, Measure.percent(proposal.share),
                "≤ " + Measure.percent(proposal.workShare),
                "≤ " + Measure.bytes(proposal.fileBytes),
                proposal.floor.map { "≥ " + BudgetText.accuracy($0) }
                    ?? proposal.expectedAccuracy.map { "≈ " + BudgetText.accuracy($0) } ?? "–")
        }
        var lines = ["Prune next, for what nothing serves"] + table.lines()
        lines.append(
            "Estimates by the cost model: \(origins) with all widths narrowed alike, then a smaller file."
        )
        if let files {
            lines += files.map { "Wrote \($0)." }
        } else {
            for proposal in proposed.proposals {
                lines += [""]
                lines += ProposedProfile(proposal: proposal).yaml.split(
                    separator: "\n", omittingEmptySubsequences: true
                ).map(String.init)
            }
        }
        return lines
    }

    private var origins: String {
        Set(proposed.proposals.map(\.origin.reference)).sorted().joined(separator: ", ")
    }

    private var unserved: [String] {
        PruningProposals.Obstacle.allCases.compactMap { obstacle in
            guard let share = proposed.obstacles[obstacle], share > 0 else { return nil }
            let words =
                switch obstacle {
                case .noSuchModel: "name no model of the store"
                case .floor: "ask for more accuracy than the base has, or nobody evaluated it"
                case .limits: "leave no room for any network of the family"
                case .noWorkload: "ask for a family of which no variant can be predicted"
                }
            return "Pruning does not help \(Measure.percent(share)) of the requests: they \(words)."
        }
    }
}
