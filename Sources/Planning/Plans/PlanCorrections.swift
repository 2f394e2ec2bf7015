/// What realised variants have taught about the estimates.
package struct PlanCorrections: Hashable, Sendable {
    /// Bytes of compressed weights for each byte that was expected.
    package var fileScale: Double
    /// For other lines, the real value for each unit of the expected one.
    package var lines: [WidthLine: Double]

    package init(fileScale: Double = 1, lines: [WidthLine: Double] = [:]) {
        self.fileScale = fileScale
        self.lines = lines
    }
}
