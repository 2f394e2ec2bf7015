/// What a plan can be held to.
package enum WidthLine: Int, CaseIterable, Hashable, Sendable, Comparable {
    /// Milliseconds of one inference, at most.
    case inference
    /// Milliseconds of download and decoding, at most.
    case load
    /// Bytes of the written file, at most.
    case file
    /// Bytes of weights and live tensors, at most.
    case memory
    case multiplyAdds
    case parameters
    /// Share of the prunable weights that are zero, at least.
    case zeros

    package static func < (first: WidthLine, second: WidthLine) -> Bool {
        first.rawValue < second.rawValue
    }
}

/// A number for each line.
package struct WidthLineValues: Hashable, Sendable {
    private var values: SIMD8<Double>

    /// The same number for all lines.
    package init(repeating value: Double = 0) { values = SIMD8(repeating: value) }

    package subscript(line: WidthLine) -> Double {
        get { values[line.rawValue] }
        set { values[line.rawValue] = newValue }
    }
}
