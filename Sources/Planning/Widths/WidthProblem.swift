/// How wide to make each channel group, and how sparse the weights, so that the most importance is
/// kept within all limits.
///
/// The problem knows no layers: only groups with widths, and costs that depend on them.
package struct WidthProblem: Sendable {
    /// Units of which any number from a list may stay.
    package struct Group: Hashable, Sendable {
        package var name: String
        /// The widths to choose from, ascending; the last one keeps all units.
        package var widths: [Int]
        /// The importance kept at each of ``widths``; never falls.
        package var kept: [Double]

        package init(name: String, widths: [Int], kept: [Double]) {
            self.name = name
            self.widths = widths
            self.kept = kept
        }

        package init(name: String, widths: [Int], curve: ImportanceCurve) {
            self.init(name: name, widths: widths, kept: widths.map { curve[$0] })
        }
    }

    /// One call of a layer, whose time depends on its widths together.
    package struct Call: Hashable, Sendable {
        package var input: ChannelCount
        package var output: ChannelCount

        package init(input: ChannelCount, output: ChannelCount) {
            self.input = input
            self.output = output
        }
    }

    /// Something that is counted by the element: a weight, most often.
    package struct Product: Hashable, Sendable {
        /// The number of elements is their product.
        package var factors: [ChannelCount]
        /// What each element costs.
        package var perElement: WidthTotals

        package init(factors: [ChannelCount], perElement: WidthTotals) {
            self.factors = factors
            self.perElement = perElement
        }
    }

    package var groups: [Group]
    package var calls: [Call] = []
    package var products: [Product] = []
    /// The bytes of all tensors that live at each moment of an inference.
    package var moments: [ChannelCount] = []
    /// What does not depend on any width.
    package var fixed = WidthTotals()
    package var sparsity = SparsityChoice.dense()
    /// Bytes of the file that are no weights.
    package var fileOverheadBytes = 0.0
    /// Bytes in the file for each byte of weights that are never pruned.
    package var denseBytesPerByte = 1.0
    /// Milliseconds of a call (by index into ``calls``) with so many input and output channels.
    package var latencyMs: @Sendable (_ call: Int, _ input: Int, _ output: Int) -> Double = {
        _, _, _ in 0
    }
    /// Milliseconds from the bytes of the file and those of its weights in memory.
    package var loadMs: @Sendable (_ fileBytes: Double, _ residentBytes: Double) -> Double = {
        _, _ in 0
    }
    /// The limits; a line that is not there is not limited.
    package var limits: [WidthLine: Double] = [:]

    package init(groups: [Group]) { self.groups = groups }

    /// Levels that change nothing if all are at their last: indices into the widths of each group,
    /// then one into the levels of ``sparsity``.
    package var fullLevels: [Int] {
        groups.map { max($0.widths.count - 1, 0) } + [sparsity.levels.count - 1]
    }

    /// Levels of the smallest network that may be chosen.
    package var smallestLevels: [Int] { Array(repeating: 0, count: groups.count + 1) }
}

extension WidthProblem {
    /// Widths to choose from.
    ///
    /// Multiples of the step, where hardware works in steps; below one step its halves, so that a
    /// narrow group is not all or nothing; and all units.
    ///
    /// - Parameters:
    ///   - full: all units.
    ///   - minimum: the fewest units that may stay.
    ///   - step: units in a step; 1 for none.
    package static func widths(full: Int, minimum: Int, step: Int) -> [Int] {
        let minimum = min(max(minimum, 1), full)
        let step = max(step, 1)
        var widths: Set<Int> = [minimum, full]
        var half = step / 2
        while half >= minimum, half > 0 {
            if half < full { widths.insert(half) }
            half /= 2
        }
        if full >= step {
            for width in stride(from: step, to: full, by: step) where width >= minimum {
                widths.insert(width)
            }
        }
        return widths.filter { $0 > 0 || full == 0 }.sorted()
    }
}
