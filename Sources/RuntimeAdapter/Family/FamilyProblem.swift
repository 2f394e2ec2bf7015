/// Which of some options serve weighted contexts best, as facility location: each context is served by the
/// chosen option that is worth most to it.
///
///     F(S) = Σ weight(c) · max over v in S of value(c, v)
///
/// `F` grows with `S`, and what an option adds shrinks as `S` grows: it is monotone and submodular, which
/// is what the bounds of ``solve(within:)`` rest on. Options that always stay are part of every `S`, and
/// bounds are about what is added to them.
package struct FamilyProblem: Sendable {
    /// Something that may be chosen.
    package struct Option: Sendable {
        /// Worth to each context of ``rows``, 0 or more.
        package var values: [Double]
        /// The contexts that it may serve; it is worth nothing to all others.
        package var rows: Range<Int>
        /// Size in bytes.
        package var bytes: Int
        /// Whether it is part of every choice.
        package var isFixed: Bool
        /// Whether counts and sizes leave it out.
        package var isFree: Bool

        package init(
            values: [Double], rows: Range<Int>, bytes: Int, isFixed: Bool = false,
            isFree: Bool = false
        ) {
            self.values = values
            self.rows = rows
            self.bytes = max(0, bytes)
            self.isFixed = isFixed || isFree
            self.isFree = isFree
        }
    }

    /// How often each context is seen.
    package let weights: [Double]
    /// What may be chosen.
    package let options: [Option]

    package init(weights: [Double], options: [Option]) {
        self.weights = weights
        self.options = options
    }

    /// What is chosen in any case, ascending.
    package var fixed: [Int] { options.indices.filter { options[$0].isFixed } }

    /// Worth of a set of options.
    ///
    /// - Complexity: O(contexts · options in the set).
    package func worth(of set: some Sequence<Int>) -> Double {
        var best = [Double](repeating: 0, count: weights.count)
        for index in set { take(index, into: &best) }
        return worth(best)
    }

    func worth(_ best: [Double]) -> Double {
        zip(weights, best).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// What an option adds where contexts have `best` already.
    func gain(of index: Int, over best: [Double]) -> Double {
        let option = options[index]
        var gain = 0.0
        for (value, row) in zip(option.values, option.rows) where value > best[row] {
            gain += weights[row] * (value - best[row])
        }
        return gain
    }

    func take(_ index: Int, into best: inout [Double]) {
        let option = options[index]
        for (value, row) in zip(option.values, option.rows) where value > best[row] {
            best[row] = value
        }
    }
}

/// How much may be kept.
public struct FamilyBudget: Sendable, Hashable {
    /// The most variants, bases not counted; nil without a limit.
    public var count: Int?
    /// The most bytes of variants' files, bases not counted; nil without a limit.
    public var bytes: Int?

    /// A budget; a limit below 0 counts as 0.
    public init(count: Int? = nil, bytes: Int? = nil) {
        self.count = count.map { max(0, $0) }
        self.bytes = bytes.map { max(0, $0) }
    }

    /// What is left when `options` are taken; nil for a limit that they break.
    func left(
        after taken: some Sequence<Int>, of options: [FamilyProblem.Option]
    ) -> (count: Int, bytes: Int)? {
        var (count, bytes) = (count ?? .max, bytes ?? .max)
        for index in taken where !options[index].isFree {
            count -= 1
            bytes -= options[index].bytes
            if count < 0 || bytes < 0 { return nil }
        }
        return (count, bytes)
    }
}
