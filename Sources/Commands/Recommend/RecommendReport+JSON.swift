import Contexts
import OrderedJSON
import RuntimeAdapter

extension RecommendReport {
    /// As `docs/schemas/variants-recommend.schema.json` says.
    var json: JSON {
        [
            "store": .string(store), "requests": .real(choice.requests),
            "budget": ["count": .optional(count), "bytes": .optional(bytes)],
            "within-budget": .bool(choice.isWithinBudget),
            "kept-count": .integer(choice.keptCount), "kept-bytes": .integer(choice.keptBytes),
            "kept": .array(choice.kept.map(json)), "dropped": .array(choice.dropped.map(json)),
            "worth": .real(choice.worth), "worth-of-all": .real(choice.worthOfAll),
            "best-possible": .real(choice.bestPossible), "gap": .real(choice.gap),
            "guarantee": .string(choice.guarantee),
            "steps": Self.shares(
                Selection.Step.allCases.map { ($0.rawValue, choice.steps[$0] ?? 0) }),
            "unserved": .real(proposed.unserved),
            "not-by-pruning": Self.shares(
                PruningProposals.Obstacle.allCases.map {
                    ($0.rawValue, proposed.obstacles[$0] ?? 0)
                }),
            "proposals": .array(
                proposed.proposals.enumerated().map { json($0.element, file: files?[$0.offset]) }),
        ]
    }

    private static func shares(_ pairs: [(String, Double)]) -> JSON {
        var json: JSON = [:]
        for (key, share) in pairs { json[key] = .real(share) }
        return json
    }

    private func json(_ member: FamilyChoice.Member) -> JSON {
        let candidate = member.candidate
        return [
            "reference": .string(candidate.reference), "model": .string(candidate.model),
            "kind": .string(candidate.kind.rawValue), "digest": .string(candidate.digest),
            "file-bytes": .integer(candidate.fileBytes),
            "accuracy": .optional(candidate.accuracy), "stays": .bool(member.isFixed),
            "held-by": .texts(holds[candidate.digest] ?? []), "share": .real(member.share),
            "fallback-share": .real(member.fallbackShare), "loss": .real(member.loss),
        ]
    }

    private func json(_ proposal: ProfileProposal, file: String?) -> JSON {
        let context = (try? JSON(encoding: proposal.context)) ?? .null
        return [
            "name": .string(proposal.profile.name), "model": .string(proposal.model),
            "share": .real(proposal.share), "context": context,
            "work-share": .real(proposal.workShare), "file-bytes": .integer(proposal.fileBytes),
            "accuracy-floor": .optional(proposal.floor),
            "expected-accuracy": .optional(proposal.expectedAccuracy),
            "estimated-from": .string(proposal.origin.reference),
            "profile": .string(ProposedProfile(proposal: proposal).yaml),
            "file": .optional(file),
        ]
    }
}
