/// One line of a budget held against what a model costs.
package struct BudgetLine: Sendable, Equatable, Codable {
    package let key: Budget.Key
    /// Unit of the numbers; empty for shares.
    package let unit: String
    /// The base's cost; `nil` where it is not known.
    package let before: Double?
    /// The variant's cost; `nil` where it is not known.
    package let after: Double?
    package let limit: Double
    /// Whether the limit is kept; `nil` where the cost is not known.
    package let isMet: Bool?

    /// A line as the budget says it.
    ///
    /// - Parameters:
    ///   - before: the base's cost; nil if nobody asked yet.
    ///   - after: the variant's; likewise.
    package init(
        key: Budget.Key, limit: Double, before: Double? = nil, after: Double? = nil
    ) {
        self.key = key
        unit = key.unit
        self.before = before
        self.after = after
        self.limit = limit
        isMet = after.map { key.isFloor ? $0 >= limit : $0 <= limit }
    }

    enum CodingKeys: String, CodingKey {
        case key, unit, before, after, limit
        case isMet = "met"
    }

    /// How much of the limit is used: above 1 the line is broken.
    ///
    /// `nil` where the cost is not known.
    ///
    /// Comparing the lines of one budget by it tells which of them binds.
    package var use: Double? {
        guard let after else { return nil }
        if key.isFloor { return after > 0 ? limit / after : .infinity }
        return limit > 0 ? after / limit : (after > 0 ? .infinity : 0)
    }
}

extension Budget {
    /// Holds every line of the budget against a model's costs, in the order of the documentation.
    ///
    /// - Parameters:
    ///   - costs: of the variant, in the profile's context.
    ///   - base: of the model it came from, in the same context.
    /// - Returns: one line for each that the budget has.
    package func check(_ costs: Costs, base: Costs) -> [BudgetLine] {
        Key.allCases.compactMap { key in
            guard let limit = self[key] else { return nil }
            return BudgetLine(
                key: key, limit: limit, before: base.value(for: key, base: base),
                after: costs.value(for: key, base: base))
        }
    }
}
