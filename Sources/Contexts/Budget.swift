/// The limits that a variant must keep.
///
/// Every line is optional; a profile has at least one.
package struct Budget: Sendable, Equatable, Codable {
    /// One inference, in milliseconds, at most.
    package var inferenceMs: Double?
    /// Download and decoding, in milliseconds, at most.
    package var loadMs: Double?
    /// The written file, in KiB, at most.
    package var fileKiB: Double?
    /// Parameters and live activations, in MiB, at most.
    package var peakMemoryMiB: Double?
    /// Multiply-adds as a share of the base's, at most.
    package var macFraction: Double?
    /// Parameters as a share of the base's, at most.
    package var parameterFraction: Double?
    /// Share of the weights that are zero, at least.
    package var weightSparsity: Double?
    /// Accuracy lost against the base, as an absolute share, at most.
    ///
    /// Needs evaluation data.
    package var maxAccuracyDrop: Double?

    package init(
        inferenceMs: Double? = nil, loadMs: Double? = nil, fileKiB: Double? = nil,
        peakMemoryMiB: Double? = nil, macFraction: Double? = nil, parameterFraction: Double? = nil,
        weightSparsity: Double? = nil, maxAccuracyDrop: Double? = nil
    ) {
        self.inferenceMs = inferenceMs
        self.loadMs = loadMs
        self.fileKiB = fileKiB
        self.peakMemoryMiB = peakMemoryMiB
        self.macFraction = macFraction
        self.parameterFraction = parameterFraction
        self.weightSparsity = weightSparsity
        self.maxAccuracyDrop = maxAccuracyDrop
    }

    /// The name of a line, as profiles spell it.
    package enum Key: String, Sendable, Codable, CaseIterable {
        case inferenceMs = "inference-ms"
        case loadMs = "load-ms"
        case fileKiB = "file-kib"
        case peakMemoryMiB = "peak-memory-mib"
        case macFraction = "mac-fraction"
        case parameterFraction = "parameter-fraction"
        case weightSparsity = "weight-sparsity"
        case maxAccuracyDrop = "max-accuracy-drop"

        /// Unit of the line's numbers, as people write it; empty for shares.
        package var unit: String {
            switch self {
            case .inferenceMs, .loadMs: "ms"
            case .fileKiB: "KiB"
            case .peakMemoryMiB: "MiB"
            case .macFraction, .parameterFraction, .weightSparsity, .maxAccuracyDrop: ""
            }
        }

        /// Whether the limit is a floor; all other limits are ceilings.
        package var isFloor: Bool { self == .weightSparsity }
    }

    /// The limit of a line, in the line's unit; `nil` where the budget does not have the line.
    package subscript(key: Key) -> Double? {
        get { self[keyPath: Self.keyPath(of: key)] }
        set { self[keyPath: Self.keyPath(of: key)] = newValue }
    }

    /// The lines that this budget has, in the order of the documentation.
    package var keys: [Key] { Key.allCases.filter { self[$0] != nil } }

    private static func keyPath(of key: Key) -> WritableKeyPath<Budget, Double?> {
        switch key {
        case .inferenceMs: \.inferenceMs
        case .loadMs: \.loadMs
        case .fileKiB: \.fileKiB
        case .peakMemoryMiB: \.peakMemoryMiB
        case .macFraction: \.macFraction
        case .parameterFraction: \.parameterFraction
        case .weightSparsity: \.weightSparsity
        case .maxAccuracyDrop: \.maxAccuracyDrop
        }
    }

    enum CodingKeys: String, CodingKey {
        case inferenceMs = "inference-ms"
        case loadMs = "load-ms"
        case fileKiB = "file-kib"
        case peakMemoryMiB = "peak-memory-mib"
        case macFraction = "mac-fraction"
        case parameterFraction = "parameter-fraction"
        case weightSparsity = "weight-sparsity"
        case maxAccuracyDrop = "max-accuracy-drop"
    }
}
