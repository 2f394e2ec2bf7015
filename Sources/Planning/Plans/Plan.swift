package import Contexts
import ModelGraph
package import Pruning

/// What to prune for a profile, and what comes of it.
package struct Plan: Sendable {
    /// Name of the profile.
    package var profile: String
    /// What is pruned; can be stored and replayed.
    package var pruning: PruningPlan
    /// For each channel group, in the model's order.
    package var groups: [GroupChange]
    /// Share of the prunable weights that are zero.
    package var weightSparsity: Double
    /// Share of the base's importance that is kept.
    package var importanceKept: Double
    package var base: Costs
    /// Predicted; measured where ``isRealized``.
    package var costs: Costs
    /// Every line of the budget.
    package var lines: [BudgetLine]
    /// Whether the costs are those of the variant itself, not of an estimate.
    package var isRealized = false
    /// Variants that were made and weighed on the way.
    package var rounds = 0

    /// Whether all lines that can be checked are kept.
    package var fits: Bool { lines.allSatisfy { $0.isMet ?? true } }
}

/// One channel group before and after.
package struct GroupChange: Hashable, Sendable {
    package var name: String
    /// Units before.
    package var before: Int
    /// Units after.
    package var after: Int
    /// Channels in each unit.
    package var channelsPerUnit: Int
    /// Share of the group's importance that is kept.
    package var importanceKept: Double
    /// The units that had to stay, by reason, the most frequent first.
    package var reasons: [ProtectedUnits]
    /// The fewest units that might have stayed.
    package var fewest: Int

    /// Units that stay for one reason.
    package struct ProtectedUnits: Hashable, Sendable {
        package var units: Int
        package var reason: String
        package var description: String

        /// The reasons of a group.
        static func all(of group: ChannelGroup) -> [ProtectedUnits] {
            group.reasons.map {
                ProtectedUnits(
                    units: $0.units, reason: $0.protection.reason.rawValue,
                    description: $0.protection.description)
            }
        }
    }
}

/// The answer to a profile.
package enum PlanningResult: Sendable {
    case plan(Plan)
    case infeasible(Infeasibility)

    /// The plan, or the nearest one.
    package var plan: Plan {
        switch self {
        case .plan(let plan): plan
        case .infeasible(let infeasibility): infeasibility.nearest
        }
    }
}

/// Why a budget cannot be met.
package struct Infeasibility: Sendable {
    /// The line that no legal network keeps; the one farthest off, if several.
    package var binding: Budget.Key
    /// By how much the nearest plan misses it, as a share of the limit.
    package var excess: Double
    /// As small as it must be in that line, and keeping what it can elsewhere.
    package var nearest: Plan
}
