/// What a report is about.
public enum ObservedQuantity: String, Sendable, Hashable, Codable, CaseIterable {
    /// One inference.
    case inference
    /// From asking for the file to being able to run it.
    case load
}

/// One time that was observed, beside the one that the cost model predicted.
public struct Observation: Sendable, Hashable {
    /// What was timed.
    public var quantity: ObservedQuantity
    /// ``DeviceClass/id`` of the client's class.
    public var deviceClass: String
    /// Of the variant's artifact.
    public var digest: String
    /// What the cost model alone predicts, in milliseconds.
    public var predictedMs: Double
    /// What was observed, in milliseconds.
    public var observedMs: Double
    /// Whose report it is; nil for the server's own measurement, which is trusted.
    public var client: String?
    /// When, in milliseconds on any clock.
    public var atMs: Double

    /// An observation; what makes no sense is refused where it is recorded.
    public init(
        _ quantity: ObservedQuantity, deviceClass: String, digest: String, predictedMs: Double,
        observedMs: Double, client: String?, atMs: Double
    ) {
        self.quantity = quantity
        self.deviceClass = deviceClass
        self.digest = digest
        self.predictedMs = predictedMs
        self.observedMs = observedMs
        self.client = client
        self.atMs = atMs
    }
}

/// What became of an observation.
public enum ObservationOutcome: Sendable, Hashable {
    /// It counts, 1 for a full one; less if its client reported often lately.
    case accepted(weight: Double)
    /// A time that is no number, not positive, or beyond an hour; or nothing was predicted.
    case absurd
    /// The client reports more often than it may.
    case tooOften
    /// Nothing that is served has this digest.
    case unknownVariant
    /// The report's context has no network, or the client had the file, so that its load says nothing.
    case notComparable
}
