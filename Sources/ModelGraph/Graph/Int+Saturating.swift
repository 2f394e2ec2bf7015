/// Sizes that come from files may be absurd; arithmetic on them stops at `Int.max` instead of trapping.
extension Int {
    /// The product of two numbers that are not negative, at most `Int.max`.
    package func saturatingTimes(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    /// The sum of two numbers that are not negative, at most `Int.max`.
    package func saturatingPlus(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

extension Sequence<Int> {
    /// The product of numbers that are not negative, at most `Int.max`.
    package var saturatingProduct: Int {
        // A zero anywhere makes the product zero, also behind factors that overflow.
        reduce(1) { $1 == 0 || $0 == 0 ? 0 : $0.saturatingTimes($1) }
    }
}
