import Foundation

/// What was chosen from a ``FamilyProblem``, and how good it is.
package struct FamilySolution: Sendable {
    /// What is certain before anything is computed.
    package enum Guarantee: String, Sendable {
        /// Nothing better exists: nothing had to be left out, or the bound says so.
        case exact
        /// What is added is worth at least 1 − 1/e of the most that can be added.
        case greedy = "1-1/e"
        /// What is added is worth at least ½ · (1 − 1/e) of the most that can be added.
        case halfGreedy = "(1-1/e)/2"
        /// Two limits at once: only the bound of the instance.
        case none

        /// The share of what can be added that is reached in any case.
        package var share: Double {
            switch self {
            case .exact: 1
            case .greedy: 1 - exp(-1)
            case .halfGreedy: (1 - exp(-1)) / 2
            case .none: 0
            }
        }
    }

    /// What is kept beside the fixed options, in the order in which it was taken.
    package let taken: [Int]
    /// Worth of the fixed options and what was taken.
    package let worth: Double
    /// Worth of the fixed options alone.
    package let fixedWorth: Double
    /// No choice within the budget is worth more.
    package let bound: Double
    /// What is certain whatever the instance.
    package let guarantee: Guarantee
    /// Whether the fixed options alone are within the budget.
    package let isWithinBudget: Bool

    /// By how much the best choice may be worth more at most, as a share of it.
    package var gap: Double { bound > 0 ? max(0, (bound - worth) / bound) : 0 }
}
