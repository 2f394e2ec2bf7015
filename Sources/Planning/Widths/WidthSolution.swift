/// The widths that a solver chose.
package struct WidthSolution: Sendable {
    /// The width of each group.
    package var widths: [Int]
    /// Share of the prunable weights that are zero.
    package var sparsity: Double
    /// What each line comes to.
    package var values: WidthLineValues
    /// Share of the base's importance that is kept.
    package var importanceKept: Double
    /// The lines whose limits are not kept, the worst first; none for a plan that fits.
    package var violated: [WidthLine]
    /// Calls and weights that were evaluated on the way.
    package var work: Int

    package var fits: Bool { violated.isEmpty }
}
